import { expect, it } from "vitest";
import type { ActiveRun, OpenGate, Overview } from "@/api/types";
import { needsOf } from "./needs";

const run = (id: string, status: ActiveRun["status"], live = true) => ({ id, status, live, started_at: "2026-01-02" }) as ActiveRun;
const gate = (id: string, since: string) => ({ id, since }) as OpenGate;
const overview = (more: Partial<Overview>) => ({ gates: [], runs: [], projects: [], health: { ok: true, checks: [] }, ...more }) as unknown as Overview;

it("decisions come before failures, and the oldest first", () => {
  const needs = needsOf(overview({ gates: [gate("new", "2026-01-03"), gate("old", "2026-01-01")], runs: [run("a", "failed")] }), new Set());
  expect(needs.map((need) => need.key)).toEqual(["old", "new", "a"]);
});

it("a run that works, or waits at a gate, needs nobody by itself", () => {
  expect(needsOf(overview({ runs: [run("a", "running"), run("b", "waiting")] }), new Set())).toEqual([]);
});

it("a run whose process has died is told, and what was put away is not", () => {
  const needs = needsOf(overview({ runs: [run("a", "running", false), run("b", "failed")] }), new Set(["b"]));
  expect(needs).toMatchObject([{ kind: "stalled", key: "a" }]);
});
