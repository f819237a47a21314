// An event as one line of a list: who, to whom, what, in few bytes. The payload stays on the server until it is opened.

import { parsePartial, spoken } from "./partial-json";
import type { Envelope, Text } from "./wire";

export type Tone = "plain" | "good" | "warn" | "bad";

export type Row = {
  seq: number;
  id: string;
  at: string;
  kind: string;
  /** `human`, `agent`, `system` or `import`. */
  actor: string;
  from: string;
  to: string | null;
  run: string | null;
  step: string | null;
  cause: string | null;
  tone: Tone;
  text: string;
  /** The hash of the text, where the event carries only that: fetched when the row is looked at. */
  blob: string | null;
  /** The events a receipt says were read. */
  heard: readonly string[] | null;
};

/** Kinds that are somebody saying or deciding something; the others are the machinery at work. */
export const VOICES: ReadonlySet<string> = new Set([
  "message.sent",
  "attempt.finished",
  "attempt.failed",
  "attempt.interrupted",
  "step.failed",
  "gate.opened",
  "gate.turned",
  "gate.decided",
  "canon.rule_proposed",
  "canon.rule_accepted",
  "canon.rule_retired",
  "run.started",
  "run.finished",
  "run.paused",
  "run.resumed",
  "run.rewound",
]);

const BAD = new Set(["attempt.failed", "step.failed"]);
const WARN = new Set(["attempt.interrupted", "gate.opened", "run.paused", "step.skipped"]);
const NOTHING: readonly string[] = [];

export function toRow(event: Envelope): Row {
  const { body } = event;
  const said = saying(event);
  return {
    seq: event.seq,
    id: event.id,
    at: event.at,
    kind: event.kind,
    actor: event.actor.kind,
    from: event.kind === "message.sent" ? (word(body.from) ?? event.actor.id) : event.actor.id,
    to: event.kind === "message.sent" ? (word(body.to) ?? "all") : null,
    run: event.correlation,
    step: word(body.path) ?? word(body.step),
    cause: event.causation,
    tone: toneOf(event),
    text: oneLine(said.text),
    blob: said.blob,
    heard: event.kind === "receipt.recorded" ? words(body.feedback) : null,
  };
}

/** A text of an event as one line: an answer in JSON becomes its words. */
export function oneLine(text: string): string {
  const start = text.trimStart()[0];
  const plain = start === "{" || start === "[" ? spoken(parsePartial(text)) || text : text;
  return plain.replace(/\s+/g, " ").trim().slice(0, 400);
}

function toneOf(event: Envelope): Tone {
  if (event.kind === "run.finished") {
    const outcome = word(event.body.outcome);
    return outcome === "failed" ? "bad" : outcome === "cancelled" ? "warn" : "good";
  }
  if (BAD.has(event.kind)) return "bad";
  if (event.kind === "receipt.recorded" && event.body.error) return "bad";
  return WARN.has(event.kind) ? "warn" : "plain";
}

type Said = { text: string; blob: string | null };

function saying(event: Envelope): Said {
  const { body } = event;
  switch (event.kind) {
    case "message.sent":
    case "gate.turned":
      return textOf(body.text);
    case "attempt.finished":
    case "step.finished":
      return textOf(body.output);
    case "attempt.failed":
    case "step.failed":
      return plain(failure(body.error));
    case "gate.opened":
      return textOf(body.prompt);
    case "gate.decided":
      return joined(word(body.action), textOf(body.text));
    case "run.started":
      return joined(word(body.workflow), textOf(body.inputs));
    case "run.finished":
      return plain([word(body.outcome), failure(body.error)].filter(Boolean).join(": "));
    case "run.paused":
      return plain(word(body.reason) ?? "");
    case "run.rewound":
      return plain(word(body.path) ?? word(body.to) ?? "");
    case "receipt.recorded":
      return joined(word(body.model), plain(body.error ? failure(body.error) : ""));
    case "attempt.requested":
      return joined(word(body.model), textOf(body.because));
    case "step.started":
      return joined(word(body.agent) ?? word(body.kind), plain(""));
    case "artifact.saved":
      return plain(`${word(body.kind) ?? ""} ${word(body.name) ?? ""}, version ${String(body.version ?? "")}`);
    case "canon.rule_proposed":
      return textOf(body.text);
    default:
      return plain(word(body.title) ?? word(body.name) ?? spoken(body as never, 200));
  }
}

function joined(head: string | null, tail: Said): Said {
  return tail.text === "" ? { text: head ?? "", blob: null } : { text: `${head ?? ""}: ${oneLine(tail.text)}`, blob: null };
}

function textOf(value: unknown): Said {
  if (typeof value === "string") return plain(value);
  const text = value as Partial<Exclude<Text, string>> | null | undefined;
  return typeof text?.blob === "string" ? { text: "", blob: text.blob } : plain("");
}

function failure(value: unknown): string {
  if (typeof value === "string") return value;
  return word((value as { message?: unknown } | null | undefined)?.message) ?? "";
}

function plain(text: string): Said {
  return { text, blob: null };
}

function word(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : NOTHING;
}
