// The rows of one project in this tab.
//
// Owns: rows in the order of `seq` without a gap, from the oldest that was loaded to the newest. What arrives early
// waits; what is missing is asked for. Does not own: the connection, or when React hears of a change.
// Invariant: `rows` is contiguous in `seq`, and every change makes `version` rise.

import { toRow, type Row } from "./rows";
import type { Envelope } from "./wire";

export type EventQuery = { since?: number; before?: number; limit: number };

/** A page of events in ascending order: those after `since`, or the last ones before `before`. */
export type EventPage = { items: Envelope[]; more: boolean };

export type Fetch = (query: EventQuery) => Promise<EventPage>;

export type Hearing = { agent: string; step: string | null; seq: number; at: string; run: string | null };

export type LogStatus = { state: "loading" } | { state: "ready" } | { state: "error"; error: unknown };

const PAGE = 1_000;
/** Beyond this the tab keeps only the newest rows; the older ones are found by the filters of the Log page. */
const MOST = 200_000;

export class ProjectLog {
  /** Another list after every change. */
  rows: readonly Row[] = [];
  version = 0;
  status: LogStatus = { state: "loading" };
  /** Whether the rows reach back to the first event. */
  complete = false;
  /** Who was given which message, in the order of the calls. Another map after every change. */
  heard: ReadonlyMap<string, readonly Hearing[]> = new Map();

  readonly #fetch: Fetch;
  readonly #changed: () => void;
  readonly #early = new Map<number, Envelope>();
  #loading: Promise<void> | null = null;
  #again = false;

  constructor(fetch: Fetch, changed: () => void) {
    this.#fetch = fetch;
    this.#changed = changed;
  }

  get last(): number {
    return this.rows.at(-1)?.seq ?? 0;
  }

  get first(): number {
    return this.rows[0]?.seq ?? 0;
  }

  /** Events from the stream, in any order, some of them perhaps known. */
  take(events: readonly Envelope[]): void {
    for (const event of events) if (event.seq > this.last || this.status.state !== "ready") this.#early.set(event.seq, event);
    if (this.status.state !== "ready") return;
    this.#settle();
    if (this.#early.size > 0) void this.catchUp();
  }

  /** The newest page, then everything that came since. */
  load(): Promise<void> {
    return this.#one(async () => {
      const page = await this.#fetch({ before: Number.MAX_SAFE_INTEGER, limit: PAGE });
      this.#reset();
      this.#append(page.items);
      this.complete = this.first <= 1;
      this.status = { state: "ready" };
      this.#settle();
      this.#bump();
      if (this.#early.size > 0) this.#again = true;
    });
  }

  /** What came since the last row. Where the last row is no longer what the log says it is, everything anew. */
  catchUp(): Promise<void> {
    if (this.status.state !== "ready") return this.load();
    return this.#one(async () => {
      for (;;) {
        const known = this.rows.at(-1);
        // One event of overlap: the log of a project that was reset counts from one again.
        const page = await this.#fetch({ since: Math.max(0, this.last - 1), limit: PAGE });
        if (known && page.items[0]?.id !== known.id) {
          this.status = { state: "loading" };
          this.#again = true;
          return;
        }
        const before = this.last;
        this.#append(page.items);
        this.#settle();
        this.#bump();
        if (!page.more || this.last === before) return;
      }
    });
  }

  /** One more page of the past; false where there is none. */
  async older(): Promise<boolean> {
    if (this.complete || this.status.state !== "ready" || this.rows.length >= MOST) return false;
    const before = this.first;
    const page = await this.#fetch({ before, limit: PAGE });
    if (before !== this.first) return true;
    const rows = page.items.filter((event) => event.seq < before).map(toRow);
    for (const row of rows) this.#hear(row);
    this.rows = rows.concat(this.rows);
    this.complete = rows.length === 0 || this.first <= 1;
    this.#bump();
    return !this.complete;
  }

  /** Drops everything; the next look loads it again. */
  forget(): void {
    this.#reset();
    this.#early.clear();
    this.status = { state: "loading" };
    this.#bump();
  }

  #one(work: () => Promise<void>): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return this.#loading;
    }
    this.#loading = work()
      .catch((error: unknown) => {
        // Rows that are there stay readable; the next opening of the stream asks again.
        if (this.rows.length === 0) this.status = { state: "error", error };
        this.#again = false;
        this.#bump();
      })
      .finally(() => {
        this.#loading = null;
        if (!this.#again) return;
        this.#again = false;
        void this.catchUp();
      });
    return this.#loading;
  }

  #append(page: readonly Envelope[]): void {
    const fresh: Row[] = [];
    for (const event of page) {
      if (event.seq <= (fresh.at(-1)?.seq ?? this.last)) continue;
      const row = toRow(event);
      fresh.push(row);
      this.#hear(row);
      this.#early.delete(event.seq);
    }
    if (fresh.length === 0) return;
    this.rows = this.rows.concat(fresh);
    if (this.rows.length > MOST + PAGE) {
      this.rows = this.rows.slice(-MOST);
      this.complete = false;
    }
  }

  /** Takes what was early and is now next; what is old goes. */
  #settle(): void {
    const next: Envelope[] = [];
    for (let seq = this.last + 1; ; seq += 1) {
      const event = this.#early.get(seq);
      if (!event) break;
      next.push(event);
    }
    this.#append(next);
    for (const seq of this.#early.keys()) if (seq <= this.last) this.#early.delete(seq);
    if (next.length > 0) this.#bump();
  }

  #hear(row: Row): void {
    for (const id of row.heard ?? []) {
      const before = this.heard.get(id) ?? [];
      if (before.some((hearing) => hearing.agent === row.from && hearing.run === row.run)) continue;
      const hearing = { agent: row.from, step: row.step, seq: row.seq, at: row.at, run: row.run };
      this.heard = new Map(this.heard).set(id, [...before, hearing].toSorted((a, b) => a.seq - b.seq));
    }
  }

  #reset(): void {
    this.rows = [];
    this.heard = new Map();
    this.complete = false;
  }

  #bump(): void {
    this.version += 1;
    this.#changed();
  }
}
