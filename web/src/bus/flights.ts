// Calls under way: what each model has said so far.
//
// Owns: the texts of unfinished calls, by run, step and attempt. They are never stored; when a call's event arrives
// the log has its text, and the flight is over.

import { PartialJson } from "./partial-json";
import { callKey, type CallId, type Envelope, type Notice } from "./wire";

export type Flight = CallId & {
  key: string;
  agent: string;
  model: string;
  text: string;
  /** The same text, read as JSON as far as it goes. */
  json: PartialJson;
  /** The model has finished; the event is on its way. */
  ended: boolean;
};

const OVER = new Set(["attempt.finished", "attempt.failed", "attempt.interrupted"]);
const RUN_RESTS = new Set(["run.finished", "run.paused"]);

export class Flights {
  readonly #flights = new Map<string, Flight>();
  #list: readonly Flight[] = [];

  /** Changes identity whenever anything changed; each changed flight is a new object as well. */
  get list(): readonly Flight[] {
    return this.#list;
  }

  notice(notice: Notice): void {
    const key = callKey(notice);
    const known = this.#flights.get(key);
    if (notice.notice === "calling") {
      const text = notice.text ?? "";
      this.#flights.set(key, {
        run: notice.run,
        path: notice.path,
        attempt: notice.attempt,
        key,
        agent: notice.agent ?? "",
        model: notice.model ?? "",
        text,
        json: new PartialJson().push(text),
        ended: false,
      });
    } else if (!known) {
      return;
    } else if (notice.notice === "delta") {
      const more = notice.text ?? "";
      this.#flights.set(key, { ...known, text: known.text + more, json: known.json.push(more) });
    } else {
      this.#flights.set(key, { ...known, ended: true });
    }
    this.#changed();
  }

  /** Whether the event ended a flight. */
  event(event: Envelope): boolean {
    if (OVER.has(event.kind)) {
      const { path, attempt } = event.body as Partial<CallId>;
      if (!event.correlation || path === undefined || attempt === undefined) return false;
      const gone = this.#flights.delete(callKey({ run: event.correlation, path, attempt }));
      if (gone) this.#changed();
      return gone;
    }
    if (!RUN_RESTS.has(event.kind)) return false;
    const before = this.#flights.size;
    for (const [key, flight] of this.#flights) if (flight.run === event.correlation) this.#flights.delete(key);
    if (this.#flights.size !== before) this.#changed();
    return this.#flights.size !== before;
  }

  clear(): void {
    if (this.#flights.size === 0) return;
    this.#flights.clear();
    this.#changed();
  }

  /** Every call under way, told as to somebody who has just come. */
  retell(project: string): Notice[] {
    return [...this.#flights.values()].map(({ run, path, attempt, agent, model, text }) => ({
      notice: "calling",
      project,
      run,
      path,
      attempt,
      agent,
      model,
      text,
    }));
  }

  #changed(): void {
    this.#list = [...this.#flights.values()];
  }
}
