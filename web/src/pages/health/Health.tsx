import { useQuery } from "@tanstack/react-query";
import { Copy, RefreshCw } from "lucide-react";
import * as queries from "@/api/queries";
import type { Check } from "@/api/types";
import { Button, Cell, Failed, Head, Loading, State, Table, tell, Time } from "@/kit";
import { t } from "@/texts";
import { tFirst } from "@/texts/first";
import { tHealth } from "@/texts/health";
import { tasks } from "./queries";
import { Stop } from "./Stop";
import { Verify } from "./Verify";

const words = tHealth;

/** How everything stands, what to do where it does not, and the ways to stop. */
export function Health() {
  return (
    <div className="flex max-w-[960px] flex-col gap-8 px-4 py-4 wide:px-6">
      <Checks />
      <Stop />
      <SafeMode />
      <Verify />
      <Tasks />
    </div>
  );
}

function Checks() {
  const { data, error, refetch, isFetching, dataUpdatedAt } = useQuery({ ...queries.doctor(), staleTime: 0 });
  const needs = data?.checks.filter((check) => check.status !== "ok").length ?? 0;
  // What needs somebody comes first.
  const checks = data?.checks.toSorted((a, b) => Number(a.status === "ok") - Number(b.status === "ok")) ?? [];
  return (
    <section className="flex flex-col gap-3">
      <header className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1">
          <h1 className="text-4 font-semibold">{words.title}</h1>
          {data && (
            <p role="status" className="text-muted">
              {needs === 0 ? words.fine : words.notFine(needs)} {words.looked} <Time at={new Date(dataUpdatedAt).toISOString()} />.
            </p>
          )}
        </div>
        <Button icon={<RefreshCw size={16} aria-hidden />} busy={isFetching} onClick={() => void refetch()}>
          {words.again}
        </Button>
      </header>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading what={words.title} rows={6} />}
      <ul aria-label={words.checks}>
        {checks.map((check) => (
          <CheckRow key={check.name} check={check} />
        ))}
      </ul>
    </section>
  );
}

function CheckRow({ check }: { check: Check }) {
  const { name, status, detail, fix } = check;
  return (
    <li className="grid grid-cols-1 gap-x-4 gap-y-0.5 border-b border-line py-2 desk:grid-cols-[5rem_15rem_1fr]">
      <State status={status} />
      <span className="font-medium">{tFirst.words[name] ?? name}</span>
      <div className="min-w-0">
        <p className="break-words text-muted">{detail}</p>
        {fix !== "" && status !== "ok" && (
          <p className="flex items-start gap-2">
            <span className="min-w-0 flex-1 break-words">
              <span className="font-medium">{words.fix}:</span> {fix}
            </span>
            <Button look="quiet" small iconOnly icon={<Copy size={14} aria-hidden />} onClick={() => void navigator.clipboard.writeText(fix).then(() => tell(t.common.copied))}>
              {words.copyFix}
            </Button>
          </p>
        )}
      </div>
    </li>
  );
}

function SafeMode() {
  return (
    <section className="flex flex-col items-start gap-2">
      <h2 className="text-2 font-semibold">{words.safe.title}</h2>
      <p className="max-w-measure text-muted">{words.safe.about}</p>
      <p className="flex items-center gap-2">
        <code className="rounded-control border border-line bg-pane px-2 py-1 font-mono text-0">{words.safe.command}</code>
        <Button
          look="quiet"
          small
          iconOnly
          icon={<Copy size={14} aria-hidden />}
          onClick={() => void navigator.clipboard.writeText(words.safe.command).then(() => tell(t.common.copied))}
        >
          {words.safe.copy}
        </Button>
      </p>
    </section>
  );
}

function Tasks() {
  const { data, error, refetch } = useQuery({ ...tasks(), staleTime: 0 });
  const names = useQuery(queries.overview()).data?.projects;
  const nameOf = (id: string | null | undefined) => names?.find((each) => each.id === id)?.name ?? id ?? "";
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-2 font-semibold">{words.tasks.title}</h2>
      {error && <Failed error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className="text-muted">{words.tasks.empty}</p>}
      {data && data.items.length > 0 && (
        <Table label={words.tasks.title}>
          <thead>
            <tr>
              <Head>{words.tasks.name}</Head>
              <Head>{words.tasks.project}</Head>
              <Head>{words.tasks.since}</Head>
              <Head>{words.tasks.ending}</Head>
            </tr>
          </thead>
          <tbody>
            {data.items.map((task) => (
              <tr key={`${task.name}.${task.project ?? ""}.${task.started_at}`}>
                <Cell>{task.name}</Cell>
                <Cell>{nameOf(task.project)}</Cell>
                <Cell>
                  <Time at={task.started_at} />
                </Cell>
                <Cell className="text-muted">{task.on_cancel === "finish" ? words.tasks.finish : words.tasks.drop}</Cell>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  );
}
