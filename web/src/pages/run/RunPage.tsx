import { useQuery } from "@tanstack/react-query";
import { Hand } from "lucide-react";
import { faultProblem } from "@/api/problem";
import * as queries from "@/api/queries";
import type { Run } from "@/api/types";
import { duration, Failed, LinkButton, Loading, money, State, Tabs, Time, useNow, workflowName } from "@/kit";
import { Aside } from "@/shell/Aside";
import { t } from "@/texts";
import { tRuns } from "@/texts/runs";
import { Actions } from "./Actions";
import { Beside } from "./Beside";
import { Inputs } from "./Inputs";
import { chosenStep, isOver, openGates } from "./order";
import { Receipts } from "./Receipts";
import { route, type View } from "./route";
import { Steps } from "./Steps";
import { Story } from "./Story";

const words = tRuns;

/** A run as it happens: what it writes, its steps, its receipts. */
export function RunPage() {
  const { project, run: id } = route.useParams();
  const { view = "story", step } = route.useSearch();
  const { data: run, error, refetch } = useQuery(queries.run(id));
  if (!run)
    return <div className="px-4 py-6 desk:px-6"><h1 className="sr-only">{words.one}</h1>{error ? <Failed error={error} retry={() => void refetch()} /> : <Loading what={words.one} rows={8} />}</div>;
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-col gap-3 px-4 pt-5 desk:px-6">
        <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
          <div className="min-w-0 flex-1 basis-60">
            <h1 className="truncate text-4 font-semibold">{workflowName(run.workflow)}</h1>
            <Standing run={run} />
          </div>
          <Actions run={run} />
        </div>
        <Waiting project={project} run={run} />
        {run.error && <Failed error={faultProblem(run.error)} />}
        <Tabs label={words.views.label} current={view} tabs={tabs(project, run)} />
      </header>
      <div className="min-h-0 flex-1 px-4 py-6 desk:px-6">
        <Shown view={view} run={run} />
      </div>
      <Aside title={t.shell.context}>
        <Beside run={run} knows={view === "steps" ? chosenStep(run, step) : undefined} />
      </Aside>
    </div>
  );
}

function Shown({ view, run }: { view: View; run: Run }) {
  switch (view) {
    case "story":
      return <Story run={run} />;
    case "steps":
      return <Steps run={run} />;
    case "receipts":
      return <Receipts run={run} />;
    case "inputs":
      return <Inputs run={run} />;
  }
}

function tabs(project: string, run: Run) {
  const tab = (key: View, name: string, n?: number) => ({
    key,
    name,
    count: n,
    to: "/p/$project/runs/$run" as const,
    params: { project, run: run.id },
    search: key === "story" ? {} : { view: key },
  });
  return [
    tab("story", words.views.story),
    tab("steps", words.views.steps, run.steps.length),
    tab("receipts", words.views.receipts, run.receipts.length),
    tab("inputs", words.views.inputs),
  ];
}

function Standing({ run }: { run: Run }) {
  const now = useNow();
  const until = run.finished_at ? Date.parse(run.finished_at) : now;
  const took = duration(Math.max(0, until - Date.parse(run.started_at)));
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
      <State status={run.status} />
      {run.status === "running" && !run.live && <span className="text-warn">{words.notLive}</span>}
      <span>
        {isOver(run) ? (
          <>
            <Time at={run.finished_at ?? run.updated_at ?? run.started_at} />, {words.took(took)}
          </>
        ) : (
          took
        )}
      </span>
      <span>{t.common.n(run.usage.calls, "call", "calls")}</span>
      <span>{t.common.tokens(run.usage.input_tokens + run.usage.output_tokens)}</span>
      <span>{money(run.usage.cost)}</span>
    </p>
  );
}

/** The decisions the run waits for. Pulses once when one comes. */
function Waiting({ project, run }: { project: string; run: Run }) {
  return openGates(run).map((gate) => (
    <div key={gate.id} className="pulse-once flex flex-wrap items-center gap-3 rounded-control border border-dashed border-warn px-3 py-2">
      <Hand size={16} aria-hidden className="text-warn" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{gate.step}</span> {words.gates.waits}. <span className="text-muted">{gate.prompt}</span>
      </p>
      <LinkButton to="/p/$project/runs/$run/gates/$gate" params={{ project, run: run.id, gate: gate.id }} look="ink">
        {words.story.decide}
      </LinkButton>
    </div>
  ));
}
