import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { commandRun } from "@/api/actions";
import type { ActiveRun } from "@/api/types";
import { useWhyNot } from "@/bus";
import { Button, State, Time, workflowName } from "@/kit";
import { tCenter } from "@/texts/center";

const words = tCenter.work;

/** The runs that are working now, with how far they are. */
export function Work({ runs }: { runs: readonly ActiveRun[] }) {
  const working = runs.filter((run) => run.status === "running" && run.live);
  if (working.length === 0) return <p className="py-2 text-2 text-muted">{words.none}</p>;
  return (
    <ul>
      {working.map((run) => (
        <li key={run.id} className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2 first:border-t">
          <State status="running" quiet />
          <div className="min-w-0 flex-1 basis-50">
            <p className="truncate">
              <Link to="/p/$project/runs/$run" params={{ project: run.project, run: run.id }} className="font-medium hover:underline hover:underline-offset-4">
                {workflowName(run.workflow)}
              </Link>
              <span className="text-muted"> · {run.project_name}</span>
            </p>
            <p className="flex items-center gap-3 text-0 text-muted">
              <progress aria-label={words.steps(run.steps.done, run.steps.total)} max={Math.max(1, run.steps.total)} value={run.steps.done} className="bar w-28" />
              {words.steps(run.steps.done, run.steps.total)}
              <Time at={run.started_at} />
            </p>
          </div>
          <Pause run={run.id} />
        </li>
      ))}
    </ul>
  );
}

function Pause({ run }: { run: string }) {
  const offline = useWhyNot();
  const pause = useMutation({ mutationFn: () => commandRun(run, "pause") });
  return (
    <Button why={offline} busy={pause.isPending} onClick={() => pause.mutate()}>
      {words.stop}
    </Button>
  );
}
