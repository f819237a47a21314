import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { fetchEvents } from "@/bus/mount";
import type { ProjectLog } from "@/bus/project-log";
import type { Row } from "@/bus/rows";
import { Button, Empty, exact, Failed, Loading, tell } from "@/kit";
import { t } from "@/texts";
import { tStream } from "@/texts/stream";
import { useText } from "./text";
import { clock, kindWord, who } from "./words";

const words = tStream.details;
/** More than this of a text is shown on request. */
const CUT = 64 * 1024;
/** A chain is followed so far. */
const LINKS = 12;

type RowDetailsProps = {
  project: string;
  log: ProjectLog;
  seq: number | undefined;
  onOpen: (seq: number) => void;
  /** Further actions for the row. */
  actions?: (row: Row) => ReactNode;
};

/** What a row carries, what led to it, and what came of it. */
export function RowDetails({ project, log, seq, onOpen, actions }: RowDetailsProps) {
  const row = log.rows[(seq ?? 0) - log.first];
  if (seq === undefined) return <Pane><Empty>{words.none}</Empty></Pane>;
  if (!row) return <Pane>{log.complete ? <Empty>{words.gone}</Empty> : <Loading what={words.title(seq)} />}</Pane>;
  return (
    <Pane key={seq}>
      <header className="flex flex-col gap-2">
        <h2 className="text-2 font-semibold">
          {who(row.from)} {kindWord(row.kind)}
        </h2>
        <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-0">
          <Fact name={words.at}>{exact(row.at)}</Fact>
          {row.to && <Fact name={words.to}>{who(row.to)}</Fact>}
          {row.step && <Fact name={words.step} mono>{row.step}</Fact>}
          {row.run && (
            <Fact name={words.run} mono>
              <Link to={"/p/$project/runs/$run" as "/"} params={{ project, run: row.run } as never} className="underline underline-offset-2">
                {row.run}
              </Link>
            </Fact>
          )}
          <Fact name={words.id} mono>{row.id}</Fact>
        </dl>
        {actions && <div className="flex flex-wrap gap-2">{actions(row)}</div>}
      </header>
      <FullText project={project} row={row} />
      <Chain log={log} row={row} onOpen={onOpen} />
      <Payload project={project} row={row} />
    </Pane>
  );
}

function Pane({ children }: { children: ReactNode }) {
  return (
    // Scrolls, and may hold nothing that takes the focus: so it takes it itself.
    <div tabIndex={0} role="group" aria-label={t.common.details} className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-3 -outline-offset-2">
      {children}
    </div>
  );
}

function Fact({ name, mono, children }: { name: string; mono?: boolean; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className={mono ? "font-mono break-all" : "break-words"}>{children}</dd>
    </>
  );
}

function FullText({ project, row }: { project: string; row: Row }) {
  const { data, error } = useText(project, row.blob);
  if (error) return <Failed error={error} />;
  const text = data ?? row.text;
  return text === "" ? null : <Cut text={text} className="text-1 whitespace-pre-wrap" />;
}

/** A text, cut where it is very long. */
export function Cut({ text, className }: { text: string; className: string }) {
  const [all, setAll] = useState(false);
  const long = text.length > CUT;
  return (
    <div className="flex flex-col items-start gap-2">
      <p className={`${className} max-w-full break-words`}>{long && !all ? `${text.slice(0, CUT)}…` : text}</p>
      {long && !all && (
        <Button small onClick={() => setAll(true)}>
          {words.showAll(Math.ceil(text.length / 1024))}
        </Button>
      )}
    </div>
  );
}

function Chain({ log, row, onOpen }: { log: ProjectLog; row: Row; onOpen: (seq: number) => void }) {
  const { rows } = log;
  const { before, after } = useMemo(() => related(rows, row), [rows, row]);
  const heard = log.heard.get(row.id) ?? [];
  return (
    <>
      {row.kind === "message.sent" && (
        <section className="flex flex-col gap-1">
          <h3 className="text-0 font-medium text-muted">{words.heard}</h3>
          {heard.length === 0 && <p>{tStream.notHeard}</p>}
          <ul className="flex flex-col gap-0.5">
            {heard.map((each) => (
              <li key={each.seq}>
                <Jump seq={each.seq} onOpen={onOpen}>
                  {who(each.agent)} {each.step && <span className="font-mono text-0 text-muted">{each.step}</span>}
                </Jump>
              </li>
            ))}
          </ul>
        </section>
      )}
      {before.length > 0 && <Links title={words.led} rows={before} onOpen={onOpen} />}
      {after.length > 0 && <Links title={words.came} rows={after} onOpen={onOpen} />}
    </>
  );
}

function Links({ title, rows, onOpen }: { title: string; rows: readonly Row[]; onOpen: (seq: number) => void }) {
  return (
    <section className="flex flex-col gap-1">
      <h3 className="text-0 font-medium text-muted">{title}</h3>
      <ul className="flex flex-col gap-0.5">
        {rows.map((row) => (
          <li key={row.seq}>
            <Jump seq={row.seq} onOpen={onOpen}>
              <span className="font-mono text-0 text-muted">{clock(row.at)}</span> {who(row.from)} {kindWord(row.kind)}
            </Jump>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Jump({ seq, onOpen, children }: { seq: number; onOpen: (seq: number) => void; children: ReactNode }) {
  return (
    <button type="button" onClick={() => onOpen(seq)} className="min-h-6 w-full truncate rounded-control px-1.5 text-left hover:bg-ink/8">
      {children}
    </button>
  );
}

function related(rows: readonly Row[], row: Row) {
  const first = rows[0]?.seq ?? 0;
  const before: Row[] = [];
  let cause = row.cause;
  // Causes come before their effects: one walk back finds the whole chain.
  for (let i = row.seq - first - 1; i >= 0 && cause !== null && before.length < LINKS; i -= 1) {
    const candidate = rows[i];
    if (candidate?.id !== cause) continue;
    before.push(candidate);
    cause = candidate.cause;
  }
  const after: Row[] = [];
  for (let i = row.seq - first + 1; i < rows.length && after.length < LINKS; i += 1) {
    const candidate = rows[i];
    if (candidate?.cause === row.id) after.push(candidate);
  }
  return { before, after };
}

function Payload({ project, row }: { project: string; row: Row }) {
  const [open, setOpen] = useState(false);
  const { data, error, isLoading } = useQuery({
    queryKey: ["event", project, row.id],
    queryFn: async () => JSON.stringify((await fetchEvents(project, { since: row.seq - 1, limit: 1 })).items[0], null, 2),
    enabled: open,
  });
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} className="flex flex-col gap-2">
      <summary className="min-h-6 text-0 font-medium text-muted">{words.payload}</summary>
      {isLoading && <Loading what={words.payload} rows={2} />}
      {error && <Failed error={error} />}
      {data !== undefined && (
        <div className="flex flex-col items-start gap-2 pt-2">
          <Button
            small
            icon={<Copy size={14} aria-hidden />}
            onClick={() => void navigator.clipboard.writeText(data).then(() => tell(t.common.copied))}
          >
            {words.copy}
          </Button>
          <Cut text={data} className="w-full font-mono text-0 whitespace-pre-wrap" />
        </div>
      )}
    </details>
  );
}
