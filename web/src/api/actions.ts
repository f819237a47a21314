// What the page asks the studio to do. Each answers when the studio has done it; the stream tells everybody else.

import { http, path } from "./http";
import type { GateAction, Project, Run } from "./types";

export const createProject = (name: string) => http.post<Project>("/projects", { name });
export const renameProject = (id: string, name: string) => http.patch<Project>(path`/projects/${id}`, { name });
export const duplicateProject = (id: string, name: string) => http.post<Project>(path`/projects/${id}/duplicate`, { name });
export const resetProject = (id: string) => http.post<Project>(path`/projects/${id}/reset`);
export const trashProject = (id: string) => http.delete<unknown>(path`/projects/${id}`);
export const purgeProject = (id: string) => http.delete<unknown>(path`/projects/${id}`, { purge: true });
export const restoreProject = (id: string) => http.post<Project>(path`/projects/${id}/restore`);

export type StartRun = {
  inputs: Record<string, unknown>;
  model?: string;
  mode?: "fast" | "heavy";
  gates?: "always" | "on_violation" | "never";
} & ({ workflow: string } | { agent: string });

export const startRun = (project: string, run: StartRun) => http.post<{ id: string }>(path`/projects/${project}/runs`, run);

export type RunCommand = "pause" | "resume" | "step" | "cancel";

export const commandRun = (run: string, command: RunCommand) => http.post<Run>(`${path`/runs/${run}`}/${command}`);
export const rewindRun = (run: string, step: string) => http.post<Run>(path`/runs/${run}/rewind`, { step });

export type Decision = { action: GateAction; text?: string; model?: string };

export const decide = (gate: string, decision: Decision) => http.post<Run>(path`/gates/${gate}`, decision);

export const keepForm = (project: string, name: string, fields: Record<string, unknown>) =>
  http.put<unknown>(path`/projects/${project}/forms/${name}`, { fields });

export const stopAll = () => http.post<unknown>("/stop");
export const startAll = () => http.post<unknown>("/start");
