import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Columns2, Plus } from "lucide-react";
import { useState } from "react";
import * as queries from "@/api/queries";
import type { RunLine } from "@/api/types";
import { Button, Cell, duration, Empty, exact, Failed, Head, LinkButton, Loading, standing, State, Table, Tabs, Time, workflowName } from "@/kit";
import { tRuns } from "@/texts/runs";
import { route } from "./route";

const words = tRuns;
const ORDER = ["running", "waiting", "paused", "failed", "done", "cancelled"] as const;

/** Every run of the project, the newest first; two of them can be compared. */
export function Runs() {
  const { project } = route.useParams();
  const { status } = route.useSearch();
  const { data, error, refetch } = useQuery(queries.runs(project));
  const [chosen, setChosen] = useState<string[]>([]);
  const navigate = useNavigate();
  const runs = data?.items.toSorted((a, b) => b.started_at.localeCompare(a.started_at)) ?? [];
  const shown = status ? runs.filter((run) => run.status === status) : runs;
  const choose = (id: string) => setChosen((old) => (old.includes(id) ? old.filter((each) => each !== id) : [...old, id].slice(-2)));
  const [first, second] = chosen;
  return (
    <div className="flex flex-col gap-4 px-4 py-6 desk:px-6">
      <header className="flex flex-wrap items-center gap-2">
        <h1 className="flex-1 text-4 font-semibold">{words.title}</h1>
        <Button
          why={second ? undefined : words.compareWhy}
          icon={<Columns2 size={14} aria-hidden />}
          onClick={() => first && second && void navigate({ to: "/p/$project/compare", params: { project }, search: { a: first, b: second } })}
        >
          {words.compare}
        </Button>
        <StartLink project={project} />
      </header>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={words.title} rows={6} />}
      {data && runs.length === 0 && <Empty action={<StartLink project={project} />}>{words.empty}</Empty>}
      {runs.length > 0 && (
        <>
          <Tabs
            label={words.table.status}
            current={status ?? "all"}
            tabs={[
              { key: "all", name: words.all, count: runs.length, to: "/p/$project/runs", params: { project }, search: {} },
              ...ORDER.filter((each) => runs.some((run) => run.status === each)).map((each) => ({
                key: each,
                name: standing(each).word,
                count: runs.filter((run) => run.status === each).length,
                to: "/p/$project/runs" as const,
                params: { project },
                search: { status: each },
              })),
            ]}
          />
          {shown.length === 0 ? <Empty>{words.noneSuch}</Empty> : <List project={project} runs={shown} chosen={chosen} onChoose={choose} />}
        </>
      )}
    </div>
  );
}

type ListProps = { project: string; runs: readonly RunLine[]; chosen: readonly string[]; onChoose: (id: string) => void };

function List({ project, runs, chosen, onChoose }: ListProps) {
  return (
    <Table label={words.table.label}>
      <thead>
        <tr>
          <Head className="w-8">
            <span className="sr-only">{words.table.choose}</span>
          </Head>
          <Head>{words.table.workflow}</Head>
          <Head>{words.table.status}</Head>
          <Head>{words.table.started}</Head>
          <Head className="text-right">{words.table.took}</Head>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id} className="hover:bg-ink/4">
            <Cell>
              <input
                type="checkbox"
                aria-label={words.choose(`${workflowName(run.workflow)}, ${exact(run.started_at)}`)}
                checked={chosen.includes(run.id)}
                onChange={() => onChoose(run.id)}
                className="block size-4 accent-ink"
              />
            </Cell>
            <Cell className="font-medium">
              <Link to="/p/$project/runs/$run" params={{ project, run: run.id }} className="block py-1 hover:underline hover:underline-offset-4">
                {workflowName(run.workflow)}
              </Link>
            </Cell>
            <Cell>
              <State status={run.status} />
              {run.status === "running" && !run.live && <span className="ml-2 text-0 text-warn">{words.notLive}</span>}
            </Cell>
            <Cell className="text-muted">
              <Time at={run.started_at} />
            </Cell>
            <Cell className="text-right text-muted">{run.finished_at ? duration(Date.parse(run.finished_at) - Date.parse(run.started_at)) : "–"}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function StartLink({ project }: { project: string }) {
  return (
    <LinkButton to="/p/$project/start" params={{ project }} look="ink" icon={<Plus size={14} aria-hidden />}>
      {words.start}
    </LinkButton>
  );
}
