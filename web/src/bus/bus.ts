// What a tab knows of what happens: the connection, the rows and the calls under way of the projects it looks at.
//
// Owns: the stores that React reads, and when React hears of them: at most once a frame. Plain classes, no React.

import { Flights } from "./flights";
import { link, type Link } from "./link";
import { ProjectLog, type EventPage, type EventQuery } from "./project-log";
import type { Connection, Item, Slim, StudioChange, ToTab } from "./wire";

export type Change =
  | { type: "event"; event: Slim }
  | { type: "studio"; change: StudioChange }
  /** Anything may have changed meanwhile. */
  | { type: "opened" };

export type BusOptions = {
  fetchEvents: (project: string, query: EventQuery) => Promise<EventPage>;
  /** Calls back before the next frame, or soon where the tab is hidden; returns nothing, is called once per ask. */
  frame?: (work: () => void) => void;
  connect?: (tab: string, hear: (message: ToTab) => void, lost: () => void) => Link;
};

export class Bus {
  /** Rises with every change of anything; what changed is found out by looking. */
  version = 0;
  connection: Connection = { state: "connecting", at: Date.now() };
  /** How often React was told; counted for the tests. */
  notified = 0;

  readonly #options: Required<BusOptions>;
  readonly #tab = `atelier-tab-${crypto.randomUUID()}`;
  readonly #link: Link;
  readonly #logs = new Map<string, ProjectLog>();
  readonly #flights = new Map<string, Flights>();
  readonly #watching = new Map<string, number>();
  readonly #readers = new Set<() => void>();
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  #changes: Change[] = [];
  #asked = false;

  constructor(options: BusOptions) {
    this.#options = { frame: nextFrame, connect: link, ...options };
    this.#link = this.#options.connect(this.#tab, (message) => this.#hear(message), () => this.#greet());
    this.#greet();
    if (typeof document === "undefined") return;
    let hiddenAt = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) hiddenAt = Date.now();
      else if (Date.now() - hiddenAt > 30_000 || this.connection.state !== "live") this.#link.send({ type: "wake" });
    });
    addEventListener("online", () => this.#link.send({ type: "wake" }));
  }

  /** For `useSyncExternalStore`. */
  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** What happened, gathered per frame; for keeping queries fresh. */
  readonly onChanges = (listener: (changes: readonly Change[]) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Watches a project until the returned function is called. */
  readonly watch = (project: string): (() => void) => {
    this.#watching.set(project, (this.#watching.get(project) ?? 0) + 1);
    if (this.#watching.get(project) === 1) {
      this.#send();
      const log = this.#logs.get(project);
      if (log && log.status.state === "ready") void log.catchUp();
    }
    return () => {
      const left = (this.#watching.get(project) ?? 1) - 1;
      if (left > 0) this.#watching.set(project, left);
      else this.#watching.delete(project);
      // The watch is kept for a while by the hub; only what is new is said at once.
      if (left === 0) this.#send();
    };
  };

  log(project: string): ProjectLog {
    let log = this.#logs.get(project);
    if (!log) {
      log = new ProjectLog((query) => this.#options.fetchEvents(project, query), () => this.#bump());
      this.#logs.set(project, log);
    }
    return log;
  }

  flights(project: string): Flights {
    let flights = this.#flights.get(project);
    if (!flights) this.#flights.set(project, (flights = new Flights()));
    return flights;
  }

  /** Tries the connection at once. */
  retry(): void {
    this.#link.send({ type: "wake" });
  }

  #greet(): void {
    // The link may call before it is there, while it is being made.
    queueMicrotask(() => this.#link.send({ type: "hello", tab: this.#tab, watch: [...this.#watching.keys()] }));
  }

  #send(): void {
    this.#link.send({ type: "watch", watch: [...this.#watching.keys()] });
  }

  #hear(message: ToTab): void {
    switch (message.type) {
      case "connection":
        this.connection = message.connection;
        break;
      case "opened":
        this.#changes.push({ type: "opened" });
        for (const [project, log] of this.#logs) if (this.#watching.has(project)) void log.catchUp();
        break;
      case "flights": {
        const flights = this.flights(message.project);
        flights.clear();
        for (const flight of message.flights) flights.notice(flight);
        break;
      }
      case "items":
        this.#take(message.items);
    }
    this.#bump();
  }

  #take(items: readonly Item[]): void {
    const arrived = new Map<string, Extract<Item, { type: "event" }>["event"][]>();
    for (const item of items) {
      switch (item.type) {
        case "event": {
          const { event } = item;
          const list = arrived.get(event.project);
          if (list) list.push(event);
          else arrived.set(event.project, [event]);
          this.flights(event.project).event(event);
          this.#changes.push({ type: "event", event });
          break;
        }
        case "elsewhere":
          this.#changes.push({ type: "event", event: item.event });
          break;
        case "notice":
          this.flights(item.notice.project).notice(item.notice);
          break;
        case "studio": {
          this.#changes.push({ type: "studio", change: item.change });
          const { kind, project } = item.change;
          if (project && /reset|deleted|restored/.test(kind)) this.#logs.get(project)?.forget();
        }
      }
    }
    for (const [project, events] of arrived) this.#logs.get(project)?.take(events);
  }

  #bump(): void {
    this.version += 1;
    if (this.#asked) return;
    this.#asked = true;
    this.#options.frame(() => {
      this.#asked = false;
      this.notified += 1;
      const changes = this.#changes;
      this.#changes = [];
      if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
      for (const reader of this.#readers) reader();
    });
  }
}

function nextFrame(work: () => void): void {
  // A hidden tab draws no frames, and still wants its title and its drafts right.
  if (document.hidden) setTimeout(work, 250);
  else requestAnimationFrame(work);
}
