import { queryOptions } from "@tanstack/react-query";
import { http, path } from "@/api/http";
import type { Page } from "@/api/types";

export type Task = { name: string; project?: string | null; on_cancel: string; started_at: string };
export type Verified = { ok: boolean; events: number; problems: { what: string; where: string; fix: string }[] };

export const tasks = () => queryOptions({ queryKey: ["tasks"], queryFn: ({ signal }) => http.get<Page<Task>>("/tasks", { limit: 500 }, signal) });

export const stop = () => http.post<unknown>("/stop");
export const start = () => http.post<unknown>("/start");

export const verify = (project: string, rebuild: boolean) => http.post<Verified>(path`/projects/${project}/verify`, { rebuild });
