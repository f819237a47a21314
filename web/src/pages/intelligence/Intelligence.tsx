import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { VOICES, type Row } from "@/bus/rows";
import { Button, Empty, Switch } from "@/kit";
import { Aside } from "@/shell/Aside";
import { ExportRows } from "@/stream/ExportRows";
import { Facets } from "@/stream/Facets";
import { FilterBox } from "@/stream/FilterBox";
import { FollowButton, RowsOr } from "@/stream/Page";
import { RowDetails } from "@/stream/RowDetails";
import { RowList } from "@/stream/RowList";
import { Speak } from "@/stream/Speak";
import { Speaking } from "@/stream/Speaking";
import { changed } from "@/stream/search";
import { useRows } from "@/stream/useRows";
import { kindWord, who } from "@/stream/words";
import { t } from "@/texts";
import { tIntelligence } from "@/texts/intelligence";
import { tStream } from "@/texts/stream";

const words = tIntelligence;
const page = getRouteApi("/p/$project/intelligence");

const voices = (row: Row) => VOICES.has(row.kind);
const everything = () => true;

/** Everything agents and people say, as they say it, and a place to say something back. */
export function Intelligence() {
  const { project } = page.useParams();
  const { q = "", at, all = false } = page.useSearch();
  const navigate = page.useNavigate();
  const found = useRows(project, all ? everything : voices, q);
  const { log, rows, sieve } = found;
  const [follow, setFollow] = useState(at === undefined);

  const filter = useCallback((to: string) => void navigate({ search: (now) => changed(now, "q", to || undefined), replace: true }), [navigate]);
  const open = useCallback((to: number) => void navigate({ search: (now) => ({ ...now, at: to }), replace: at !== undefined }), [navigate, at]);
  const machinery = (on: boolean) => void navigate({ search: (now) => changed(now, "all", on || undefined), replace: true });

  const nothing =
    q === "" ? (
      <Empty
        action={
          <Link to={"/p/$project/runs" as "/"} params={{ project } as never} className="underline underline-offset-2">
            {words.start}
          </Link>
        }
      >
        {words.empty}
      </Empty>
    ) : (
      <Empty action={<Button onClick={() => filter("")}>{tStream.filter.clear}</Button>}>{tStream.filter.nothing}</Empty>
    );
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">{words.title}</h1>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 pt-3 pb-2">
        <FilterBox value={q} onChange={filter} shown={tStream.rows(rows.length, sieve.total)} />
        <FollowButton follow={follow} onFollow={setFollow} />
        <Switch label={words.machinery} checked={all} onChange={machinery} />
        <ExportRows project={project} rows={rows} />
      </div>
      <div className="flex shrink-0 gap-x-6 gap-y-1 px-3 pb-2 empty:hidden max-desk:overflow-x-auto desk:flex-wrap">
        <Facets label={words.who} name="from" counts={sieve.who} filter={q} onFilter={filter} word={who} />
        <Facets label={words.what} name="kind" counts={sieve.what} filter={q} onFilter={filter} word={kindWord} />
      </div>
      <div className="flex min-h-0 flex-1 flex-col border-t border-line">
        <RowsOr title={words.title} found={found} nothing={nothing}>
          <RowList rows={rows} label={tStream.list} project={project} heard={log.heard} open={at} onOpen={open} follow={follow} onFollow={setFollow} />
        </RowsOr>
        <Speaking project={project} />
      </div>
      <Speak project={project} agents={[...sieve.who.keys()].filter((id) => id !== "you" && id !== "engine")} />
      <Aside title={t.common.details}>
        <RowDetails project={project} log={log} seq={at} onOpen={open} />
      </Aside>
    </div>
  );
}
