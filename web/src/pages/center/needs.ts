// Who needs the person: gates, failures, runs nobody drives, projects that cannot be written, things that are missing.
// Severest first, within that the oldest first. Each item resolves itself when its cause is gone.

import type { ActiveRun, Check, OpenGate, Overview, ProjectCard } from "@/api/types";

export type Need =
  | { kind: "gate"; key: string; since: string | null; gate: OpenGate }
  | { kind: "failed" | "stalled" | "paused"; key: string; since: string; run: ActiveRun }
  | { kind: "damaged"; key: string; since: string; project: ProjectCard }
  | { kind: "missing"; key: string; since: string | null; check: Check };

const SEVERITY: Record<Need["kind"], number> = { damaged: 0, missing: 1, gate: 2, failed: 3, stalled: 4, paused: 5 };

export function needsOf({ gates, runs, projects, health }: Overview, dismissed: ReadonlySet<string>): Need[] {
  const needs: Need[] = [
    ...gates.map<Need>((gate) => ({ kind: "gate", key: gate.id, since: gate.since ?? null, gate })),
    ...runs.flatMap<Need>((run) => {
      const kind = kindOf(run);
      return kind ? [{ kind, key: run.id, since: run.started_at, run }] : [];
    }),
    ...projects.filter((each) => each.status === "damaged").map<Need>((project) => ({ kind: "damaged", key: project.id, since: project.updated_at, project })),
    ...health.checks.filter((check) => check.status === "missing").map<Need>((check) => ({ kind: "missing", key: check.name, since: null, check })),
  ];
  return needs
    .filter((need) => !dismissed.has(need.key))
    .toSorted((a, b) => SEVERITY[a.kind] - SEVERITY[b.kind] || (a.since ?? "").localeCompare(b.since ?? ""));
}

function kindOf(run: ActiveRun): "failed" | "stalled" | "paused" | undefined {
  if (run.status === "failed") return "failed";
  if (run.status === "paused") return "paused";
  return run.status === "running" && !run.live ? "stalled" : undefined;
}
