// What comes over the stream, and what the worker and the tabs say to each other.

/** A text as an event carries it: itself, or the hash of a longer one that lies beside the log. */
export type Text = string | { blob: string; bytes: number };

/** An event as the log keeps it. */
export type Envelope = {
  id: string;
  project: string;
  branch: string;
  seq: number;
  at: string;
  actor: { kind: string; id: string };
  correlation: string | null;
  causation: string | null;
  kind: string;
  schema: number;
  body: Record<string, unknown>;
};

/** Where a model call belongs; no two calls share one. */
export type CallId = { run: string; path: string; attempt: number };

/** A passing signal about a model call; never stored. `calling` carries the text so far when somebody joins late. */
export type Notice = CallId & {
  notice: "calling" | "delta" | "ended";
  project: string;
  agent?: string;
  model?: string;
  text?: string;
};

/** Something about the studio itself: a project came, went or was renamed, a setting changed. */
export type StudioChange = { kind: string; project?: string } & Record<string, unknown>;

/** An event of a project that a tab does not watch: enough to know that something is stale. */
export type Slim = { project: string; seq: number; kind: string; correlation: string | null };

export type Item =
  | { type: "event"; event: Envelope }
  | { type: "elsewhere"; event: Slim }
  | { type: "notice"; notice: Notice }
  | { type: "studio"; change: StudioChange };

/** How the stream is doing. `at` is when it came to be so, in milliseconds of the epoch. */
export type Connection =
  | { state: "connecting"; at: number }
  | { state: "live"; at: number }
  | { state: "reconnecting"; at: number; tries: number }
  | { state: "offline"; at: number; tries: number }
  | { state: "locked"; at: number };

export type FromTab =
  | { type: "hello"; tab: string; watch: string[] }
  | { type: "watch"; watch: string[] }
  | { type: "wake" }
  | { type: "bye" };

export type ToTab =
  | { type: "connection"; connection: Connection }
  /** The stream was opened anew: whoever holds rows asks the log for what it missed. */
  | { type: "opened" }
  | { type: "items"; items: Item[] }
  /** Calls under way in projects that the tab has begun to watch: their texts so far, in place of what it had. */
  | { type: "flights"; project: string; flights: Notice[] };

/** One end of a line between a tab and the hub. */
export type Line<Out> = { post(message: Out): void };

export function callKey(id: CallId): string {
  return `${id.run}\u0000${id.path}\u0000${id.attempt}`;
}
