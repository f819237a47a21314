// The bus for React: each hook reads one store and renders only when that store changed.

import { createContext, use, useEffect, useSyncExternalStore } from "react";

import { t } from "@/texts";
import type { Bus } from "./bus";
import type { Flight } from "./flights";
import type { ProjectLog } from "./project-log";
import type { Connection } from "./wire";

export const BusContext = createContext<Bus | null>(null);

export function useBus(): Bus {
  const bus = use(BusContext);
  if (!bus) throw new Error("the page stands outside of its BusContext");
  return bus;
}

/** How the stream is doing, and since when. */
export function useConnection(): Connection {
  const bus = useBus();
  return useSyncExternalStore(bus.subscribe, () => bus.connection);
}

/** Watches a project while the component is there: its calls under way are told, its rows stay complete. */
export function useWatch(project: string | undefined): void {
  const bus = useBus();
  useEffect(() => (project === undefined ? undefined : bus.watch(project)), [bus, project]);
}

/** The rows of a project; loads them at first, and renders with every change of them. */
export function useProjectLog(project: string): ProjectLog {
  const bus = useBus();
  useWatch(project);
  const log = bus.log(project);
  useSyncExternalStore(bus.subscribe, () => log.version);
  const wanted = log.status.state === "loading";
  useEffect(() => {
    if (wanted) void log.load();
  }, [log, wanted]);
  return log;
}

/** The calls under way in a project. */
export function useFlights(project: string): readonly Flight[] {
  const bus = useBus();
  useWatch(project);
  return useSyncExternalStore(bus.subscribe, () => bus.flights(project).list);
}

/** The call under way at a step of a run, the newest of them. */
export function useFlight(project: string, run: string, path: string): Flight | undefined {
  return useFlights(project).findLast((flight) => flight.run === run && flight.path === path);
}

/** Why what needs the studio cannot be done now; nothing where it can. */
export function useWhyNot(): string | undefined {
  const { state } = useConnection();
  if (state === "locked") return t.common.locked;
  return state === "offline" || state === "reconnecting" ? t.common.needsServer : undefined;
}
