import { useDeferredValue, useEffect, useMemo } from "react";
import { useProjectLog } from "@/bus";
import type { ProjectLog } from "@/bus/project-log";
import type { Row } from "@/bus/rows";
import { parseQuery, predicate, type Predicate } from "./query";
import { Sieve } from "./sieve";

export type Rows = {
  log: ProjectLog;
  rows: readonly Row[];
  sieve: Sieve;
};

/** The rows of a project that are in the scope and fit the filter, with counts; reads the whole past page by page. */
export function useRows(project: string, scope: Predicate, filter: string): Rows {
  const log = useProjectLog(project);
  const all = log.rows;
  const typed = useDeferredValue(filter);
  const sieve = useMemo(() => new Sieve(scope, predicate(parseQuery(typed))), [scope, typed]);
  // The sieve remembers what it has seen, so this looks at new rows only, and doing it twice changes nothing.
  const rows = useMemo(() => sieve.update(all).matches, [sieve, all]);
  const reads = log.status.state === "ready" && !log.complete;
  useEffect(() => {
    if (!reads) return;
    const left = new AbortController();
    // Page by page, so that the newest rows are there at once; a page that fails is asked for when the next event comes.
    const read = async () => {
      while (!left.signal.aborted && (await log.older().catch(() => false)));
    };
    void read();
    return () => left.abort();
  }, [log, reads]);
  return { log, rows, sieve };
}
