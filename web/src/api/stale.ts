// Which answers of the API an event makes stale. Nothing on the page is asked for on a timer: the stream says when.

import type { QueryClient, QueryKey } from "@tanstack/react-query";

import type { Bus, Change } from "@/bus/bus";

/** Changes are gathered for so long before anything is asked anew. */
const GATHER_MS = 200;
/** Files are written after their events; a list of files is asked for once more, this much later. */
const FILES_MS = 1_500;

/** Keeps a cache of answers fresh until the returned function is called. */
export function keepFresh(bus: Bus, client: QueryClient): () => void {
  const stale = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    timer = undefined;
    for (const [name, key] of stale) {
      // An answer that is on its way would be thrown away, again and again while much happens: wait for it.
      if (client.isFetching({ queryKey: key }) > 0) continue;
      stale.delete(name);
      void client.invalidateQueries({ queryKey: key });
    }
    arm();
  };
  const arm = (): void => {
    if (stale.size > 0) timer ??= setTimeout(flush, GATHER_MS);
  };
  const mark = (keys: readonly QueryKey[]): void => {
    for (const key of keys) stale.set(JSON.stringify(key), key);
    arm();
  };
  const stop = bus.onChanges((changes) => {
    if (changes.some((change) => change.type === "opened")) return mark([[]]);
    const keys = changes.flatMap(staleBy);
    mark(keys);
    const files = keys.filter(([about]) => about === "outputs");
    if (files.length === 0) return;
    clearTimeout(later);
    later = setTimeout(() => mark(files), FILES_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
    clearTimeout(later);
  };
}

/** The keys of the questions whose answers a change touches; each key begins with what it is about. */
export function staleBy(change: Change): QueryKey[] {
  if (change.type === "opened") return [[]];
  if (change.type === "studio") {
    const { project } = change.change;
    const all: QueryKey[] = [["overview"], ["projects"], ["settings"], ["models"], ["cascade"], ["doctor"], ["crews"]];
    return project ? [...all, ["project", project]] : all;
  }
  const { project, kind, correlation } = change.event;
  const run: QueryKey[] = correlation ? [["run", correlation]] : [];
  switch (kind.split(".")[0]) {
    case "project":
      return [["overview"], ["projects"], ["project", project], ["settings"], ["cascade"], ["form", project]];
    case "run":
    case "gate":
      return [["overview"], ["runs", project], ["outputs", project], ...run];
    case "step":
    case "attempt":
      return [["overview"], ...run];
    case "receipt":
      return [...run, ["usage"]];
    case "bucket":
      return [["overview"], ["buckets", project]];
    case "artifact":
      return [["overview"], ["outputs", project]];
    case "canon":
      return [["canon", project]];
    case "form":
      return [["form", project]];
    default:
      return run;
  }
}
