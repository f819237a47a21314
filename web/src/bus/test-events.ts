// Events for unit tests.

import type { Envelope } from "./wire";

export function event(seq: number, more: Partial<Envelope> = {}): Envelope {
  return {
    id: `evt_a${seq}`,
    project: "prj_1",
    branch: "brn_1",
    seq,
    at: "2026-01-02T03:04:05.678901Z",
    actor: { kind: "system", id: "engine" },
    correlation: null,
    causation: null,
    kind: "step.finished",
    schema: 1,
    body: {},
    ...more,
  };
}
