// The one reader of the stream, for all tabs of this browser.
//
// Owns: the connection with its state, the union of what the tabs watch, and the texts of calls under way, so that a
// tab that comes late is told of them. Runs in a SharedWorker, or in the tab that leads where there is none.
// Does not own: rows. After every gap the tabs ask the log for what they missed; so nothing depends on a buffer. When
// only the watch changes there is no gap: the old stream is read on for a moment beside the new one, and what comes
// twice is known by its number.

import { Flights } from "./flights";
import type { Connection, Envelope, FromTab, Item, Line, Notice, StudioChange, ToTab } from "./wire";

/** The part of `EventSource` that is used; a test gives its own. */
export type Source = {
  addEventListener(type: string, listener: (event: { data?: string }) => void): void;
  close(): void;
};

export type World = {
  open(url: string): Source;
  /** What the server says to a plain question after the stream broke: there, not there, or a token is wanted. */
  probe(): Promise<"there" | "gone" | "locked">;
  later(ms: number, work: () => void): () => void;
  now(): number;
};

type Tab = { line: Line<ToTab>; watch: Set<string> };

/** Waits between tries, in milliseconds; the last one repeats. */
const WAITS = [250, 500, 1_000, 2_000, 4_000] as const;
/** From this try on the state is called offline. */
const OFFLINE_AFTER = 4;
/** Items are handed to the tabs together, about once a frame. */
const GATHER_MS = 16;
/** How long a stream that was replaced is still read. */
const OVERLAP_MS = 1_000;
/** Watches of tabs that left are kept until there are so many. */
const SPARE = 8;

export class Hub {
  readonly #world: World;
  readonly #tabs = new Map<string, Tab>();
  readonly #flights = new Map<string, Flights>();
  #source: Source | null = null;
  #next: Source | null = null;
  /** The stream that was read before, for a moment. */
  #leaving: Source | null = null;
  /** Whether something may have been missed since the last opening. */
  #gap = true;
  #watched = new Set<string>();
  #connection: Connection;
  #items: Item[] = [];
  #gathering: (() => void) | null = null;
  #retry: (() => void) | null = null;
  #tries = 0;

  constructor(world: World) {
    this.#world = world;
    this.#connection = { state: "connecting", at: world.now() };
  }

  join(id: string, line: Line<ToTab>): void {
    this.#tabs.set(id, { line, watch: new Set() });
    line.post({ type: "connection", connection: this.#connection });
  }

  leave(id: string): void {
    this.#tabs.delete(id);
    if (this.#tabs.size === 0) this.#rest();
  }

  hear(id: string, message: FromTab): void {
    const tab = this.#tabs.get(id);
    if (!tab) return;
    switch (message.type) {
      case "hello":
      case "watch":
        return this.#watch(tab, message.watch);
      case "wake":
        // A lid was closed or a network changed: whatever the socket believes, look anew.
        this.#gap = true;
        return this.#connection.state === "live" ? this.#open() : this.#tryNow();
      case "bye":
        return this.leave(id);
    }
  }

  #watch(tab: Tab, watch: string[]): void {
    const added = watch.filter((project) => !tab.watch.has(project));
    tab.watch = new Set(watch);
    const isNew = watch.some((project) => !this.#watched.has(project));
    if (isNew || (!this.#source && !this.#next)) return this.#open();
    for (const project of added) {
      const flights = this.#flights.get(project)?.retell(project) ?? [];
      tab.line.post({ type: "flights", project, flights });
    }
  }

  /** Opens a stream for what is watched now; the old one is read until the new one speaks. */
  #open(): void {
    this.#retry?.();
    this.#retry = null;
    this.#next?.close();
    const wanted = new Set([...this.#tabs.values()].flatMap((tab) => [...tab.watch]));
    if (this.#watched.size <= wanted.size + SPARE) for (const project of this.#watched) wanted.add(project);
    this.#watched = wanted;
    const query = [...wanted].map((project) => `watch=${encodeURIComponent(project)}`).join("&");
    const source = this.#world.open(`/api/v1/stream${query ? `?${query}` : ""}`);
    this.#next = source;
    source.addEventListener("open", () => this.#opened(source));
    source.addEventListener("error", () => this.#broke(source));
    const read = (type: string, take: (data: unknown) => void): void =>
      source.addEventListener(type, ({ data }) => {
        // Passing signals are told by the new stream from their beginning; twice would be wrong.
        const heard = source === this.#source || (source === this.#leaving && (type === "event" || type === "studio"));
        if (!heard || data === undefined) return;
        const value = parsed(data);
        if (value !== undefined) take(value);
      });
    read("event", (data) => this.#event(data as Envelope));
    read("notice", (data) => this.#notice(data as Notice));
    read("studio", (data) => this.#push({ type: "studio", change: data as StudioChange }));
    // Too slow, or away for too long: texts under way have holes now. A new stream tells them from the beginning.
    read("resync", () => {
      this.#gap = true;
      this.#open();
    });
  }

  #opened(source: Source): void {
    if (source !== this.#next) return;
    const before = this.#source;
    this.#leaving?.close();
    this.#leaving = before;
    if (before) this.#world.later(OVERLAP_MS, () => this.#left(before));
    this.#source = source;
    this.#next = null;
    this.#tries = 0;
    this.#flush();
    this.#flights.clear();
    for (const tab of this.#tabs.values()) {
      for (const project of tab.watch) tab.line.post({ type: "flights", project, flights: [] });
    }
    if (this.#connection.state !== "live") this.#say({ state: "live", at: this.#world.now() });
    if (this.#gap) this.#tell({ type: "opened" });
    this.#gap = false;
  }

  #left(source: Source): void {
    source.close();
    if (source === this.#leaving) this.#leaving = null;
  }

  #broke(source: Source): void {
    if (source === this.#leaving) return this.#left(source);
    if (source !== this.#source && source !== this.#next) return;
    // The browser would try again by itself, but at its own pace and without saying how it goes.
    source.close();
    if (source === this.#next) this.#next = null;
    if (source === this.#source) {
      this.#source = null;
      this.#gap = true;
    }
    if (this.#source || this.#next) return this.#wait();
    this.#tries += 1;
    const wasLive = this.#connection.state === "live" || this.#connection.state === "connecting";
    const at = wasLive ? this.#world.now() : this.#connection.at;
    const state = this.#tries >= OFFLINE_AFTER ? "offline" : "reconnecting";
    this.#say({ state, at, tries: this.#tries });
    void this.#world.probe().then((found) => {
      if (found === "locked" && !this.#source) this.#say({ state: "locked", at });
    });
    this.#wait();
  }

  #wait(): void {
    this.#retry?.();
    const wait = WAITS[Math.min(this.#tries, WAITS.length) - 1] ?? WAITS[0];
    this.#retry = this.#world.later(wait, () => this.#open());
  }

  #tryNow(): void {
    if (!this.#next) this.#open();
  }

  #event(event: Envelope): void {
    this.#flights.get(event.project)?.event(event);
    this.#push({ type: "event", event });
  }

  #notice(notice: Notice): void {
    let flights = this.#flights.get(notice.project);
    if (!flights) this.#flights.set(notice.project, (flights = new Flights()));
    flights.notice(notice);
    this.#push({ type: "notice", notice });
  }

  #push(item: Item): void {
    this.#items.push(item);
    this.#gathering ??= this.#world.later(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    this.#gathering?.();
    this.#gathering = null;
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    for (const tab of this.#tabs.values()) {
      const theirs = items.flatMap((item) => forTab(item, tab.watch));
      if (theirs.length > 0) tab.line.post({ type: "items", items: theirs });
    }
  }

  #say(connection: Connection): void {
    this.#connection = connection;
    this.#tell({ type: "connection", connection });
  }

  #tell(message: ToTab): void {
    for (const tab of this.#tabs.values()) tab.line.post(message);
  }

  /** Nobody is there: the connection is given back. */
  #rest(): void {
    this.#source?.close();
    this.#next?.close();
    this.#leaving?.close();
    this.#source = this.#next = this.#leaving = null;
    this.#gap = true;
    this.#retry?.();
    this.#retry = null;
    this.#gathering?.();
    this.#gathering = null;
    this.#items = [];
    this.#watched.clear();
    this.#flights.clear();
    this.#tries = 0;
    this.#connection = { state: "connecting", at: this.#world.now() };
  }
}

function forTab(item: Item, watch: ReadonlySet<string>): Item[] {
  if (item.type === "notice") return watch.has(item.notice.project) ? [item] : [];
  if (item.type !== "event" || watch.has(item.event.project)) return [item];
  const { project, seq, kind, correlation } = item.event;
  return [{ type: "elsewhere", event: { project, seq, kind, correlation } }];
}

/** What cannot be read is left out: the next opening asks the log for what was in it. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
