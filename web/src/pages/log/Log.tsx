import { getRouteApi } from "@tanstack/react-router";
import { History, ListFilter } from "lucide-react";
import { useCallback, useState } from "react";
import type { Row } from "@/bus/rows";
import { Button, Empty, SelectField } from "@/kit";
import { Aside } from "@/shell/Aside";
import { ExportRows } from "@/stream/ExportRows";
import { FilterBox } from "@/stream/FilterBox";
import { FollowButton, RowsOr } from "@/stream/Page";
import { parseQuery, writeQuery, type Name } from "@/stream/query";
import { RowDetails } from "@/stream/RowDetails";
import { RowList } from "@/stream/RowList";
import { changed } from "@/stream/search";
import { useRows } from "@/stream/useRows";
import { kindWord, who } from "@/stream/words";
import { t } from "@/texts";
import { tLog } from "@/texts/log";
import { tStream } from "@/texts/stream";
import { StateAt } from "./StateAt";

const words = tLog;
const page = getRouteApi("/p/$project/log");
const everything = () => true;

/** Every event of the project, as it was appended, and the project as it was after any of them. */
export function Log() {
  const { project } = page.useParams();
  const { q = "", at, state } = page.useSearch();
  const navigate = page.useNavigate();
  const found = useRows(project, everything, q);
  const { log, rows, sieve } = found;
  const [follow, setFollow] = useState(at === undefined && q === "");

  const filter = useCallback((to: string) => void navigate({ search: (now) => changed(now, "q", to || undefined), replace: true }), [navigate]);
  const open = useCallback((to: number) => void navigate({ search: (now) => ({ ...now, at: to }), replace: at !== undefined }), [navigate, at]);
  const look = (to?: number) => void navigate({ search: (now) => changed(now, "state", to) });

  if (state !== undefined) return <StateAt project={project} seq={state} onClose={() => look()} />;
  const actions = (row: Row) => (
    <>
      <Button small icon={<History size={14} aria-hidden />} onClick={() => look(row.seq)}>
        {tStream.details.stateAt}
      </Button>
      {row.run && (
        <Button small icon={<ListFilter size={14} aria-hidden />} onClick={() => filter(only(q, "run", row.run ?? ""))}>
          {tStream.details.onlyRun}
        </Button>
      )}
    </>
  );
  const clear = q === "" ? undefined : <Button onClick={() => filter("")}>{tStream.filter.clear}</Button>;
  const nothing = <Empty action={clear}>{q === "" ? words.empty : tStream.filter.nothing}</Empty>;
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">{words.title}</h1>
      <div className="flex flex-wrap items-center gap-2 p-3">
        <FilterBox value={q} onChange={filter} shown={tStream.rows(rows.length, sieve.total)} />
        <Choice label={words.agent} name="from" counts={sieve.who} filter={q} onFilter={filter} word={who} />
        <Choice label={words.kind} name="kind" counts={sieve.what} filter={q} onFilter={filter} word={(kind) => `${kindWord(kind)} (${kind})`} />
        <FollowButton follow={follow} onFollow={setFollow} />
        <ExportRows project={project} rows={rows} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col border-t border-line">
        <RowsOr title={words.title} found={found} nothing={nothing}>
          <RowList rows={rows} label={words.title} project={project} heard={log.heard} numbered open={at} onOpen={open} follow={follow} onFollow={setFollow} />
        </RowsOr>
      </div>
      <Aside title={t.common.details}>
        <RowDetails project={project} log={log} seq={at} onOpen={open} actions={actions} />
      </Aside>
    </div>
  );
}

type ChoiceProps = {
  label: string;
  name: Name;
  counts: ReadonlyMap<string, number>;
  filter: string;
  onFilter: (to: string) => void;
  word: (value: string) => string;
};

/** One value of a name, chosen from what there is. */
function Choice({ label, name, counts, filter, onFilter, word }: ChoiceProps) {
  const now = parseQuery(filter).find((term) => term.name === name && !term.not)?.values.join(",") ?? "";
  const known = [...counts.keys()].toSorted();
  return (
    <SelectField label={label} quietLabel value={now} onChange={(event) => onFilter(only(filter, name, event.target.value))} className="w-40">
      <option value="">
        {label}: {words.any}
      </option>
      {now !== "" && !known.includes(now) && <option value={now}>{now}</option>}
      {known.map((value) => (
        <option key={value} value={value}>
          {word(value)}
        </option>
      ))}
    </SelectField>
  );
}

/** The filter with this one value of a name. */
function only(filter: string, name: Name, value: string): string {
  const others = parseQuery(filter).filter((term) => term.name !== name);
  return writeQuery(value === "" ? others : [...others, { name, values: [value], not: false }]);
}
