import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import * as queries from "@/api/queries";
import type { Run, RunLine, Step } from "@/api/types";
import type { Json } from "@/bus";
import { Agent, Cell, count, duration, Empty, exact, Failed, Head, Loading, money, SelectField, standing, State, Table, workflowName } from "@/kit";
import { Diff } from "@/story/Diff";
import { tRuns } from "@/texts/runs";
import { route } from "./route";

const words = tRuns.comparing;

/** Two runs of one project side by side: in numbers, then word by word. */
export function Compare() {
  const { project } = route.useParams();
  const { a, b } = route.useSearch();
  const runs = useQuery(queries.runs(project));
  const first = useQuery({ ...queries.run(a ?? ""), enabled: a !== undefined });
  const second = useQuery({ ...queries.run(b ?? ""), enabled: b !== undefined });
  const error = runs.error ?? first.error ?? second.error;
  return (
    <div className="flex flex-col gap-6 px-4 py-6 desk:px-6">
      <h1 className="text-4 font-semibold">{words.title}</h1>
      {error && <Failed error={error} />}
      {!runs.data && !error && <Loading what={words.title} rows={3} />}
      {runs.data && (
        <div className="grid gap-4 desk:grid-cols-2">
          <Pick label={words.first} which="a" runs={runs.data.items} value={a} />
          <Pick label={words.second} which="b" runs={runs.data.items} value={b} />
        </div>
      )}
      {first.data && second.data ? <Both a={first.data} b={second.data} /> : (!a || !b) && <Empty>{words.need}</Empty>}
    </div>
  );
}

function Pick({ label, which, runs, value }: { label: string; which: "a" | "b"; runs: readonly RunLine[]; value: string | undefined }) {
  const navigate = useNavigate({ from: "/p/$project/compare" });
  return (
    <SelectField label={label} value={value ?? ""} onChange={(event) => void navigate({ search: (old) => ({ ...old, [which]: event.target.value || undefined }), replace: true })}>
      <option value="">–</option>
      {runs.toReversed().map((run) => (
        <option key={run.id} value={run.id}>
          {workflowName(run.workflow)}, {standing(run.status).word}, {exact(run.started_at)}
        </option>
      ))}
    </SelectField>
  );
}

function Both({ a, b }: { a: Run; b: Run }) {
  const names = [...new Set([...a.steps, ...b.steps].filter((step) => step.agent).map((step) => step.name))];
  return (
    <>
      <Numbers a={a} b={b} />
      {names.map((name) => (
        <Pair key={name} name={name} a={a.steps.find((step) => step.name === name)} b={b.steps.find((step) => step.name === name)} />
      ))}
    </>
  );
}

function took(run: Run): string {
  return run.finished_at ? duration(Date.parse(run.finished_at) - Date.parse(run.started_at)) : "–";
}

function Numbers({ a, b }: { a: Run; b: Run }) {
  const models = (run: Run) => [...new Set(run.steps.flatMap((step) => step.attempts.map((attempt) => attempt.model)))].join(", ") || "–";
  const lines: [string, string, string][] = [
    [words.calls, count(a.usage.calls), count(b.usage.calls)],
    [words.tokens, count(a.usage.input_tokens + a.usage.output_tokens), count(b.usage.input_tokens + b.usage.output_tokens)],
    [words.cost, money(a.usage.cost), money(b.usage.cost)],
    [words.took, took(a), took(b)],
    [tRuns.receipts.model, models(a), models(b)],
  ];
  return (
    <Table label={words.label}>
      <thead>
        <tr>
          <Head>{words.totals}</Head>
          <Head>{words.first}</Head>
          <Head>{words.second}</Head>
        </tr>
      </thead>
      <tbody>
        <tr>
          <Cell className="text-muted">{words.standing}</Cell>
          <Cell>
            <State status={a.status} />
          </Cell>
          <Cell>
            <State status={b.status} />
          </Cell>
        </tr>
        {lines.map(([name, one, other]) => (
          <tr key={name}>
            <Cell className="text-muted">{name}</Cell>
            <Cell>{one}</Cell>
            <Cell className={one === other ? "text-muted" : "font-medium"}>{other}</Cell>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Pair({ name, a, b }: { name: string; a: Step | undefined; b: Step | undefined }) {
  const [one, other] = [a?.output, b?.output].map((output) => (output ?? null) as Json);
  const agent = a?.agent ?? b?.agent;
  return (
    <section className="flex flex-col gap-2 border-t border-line pt-3">
      <h2 className="flex items-center gap-3 text-2 font-semibold">
        {agent ? <Agent agent={agent} /> : name}
        <span className="font-mono text-0 font-normal text-muted">{name}</span>
      </h2>
      {one === null && other === null ? <p className="text-muted">{words.nothing}</p> : <Diff before={one ?? null} after={other ?? null} label={name} />}
    </section>
  );
}
