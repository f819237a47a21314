import { queryOptions } from "@tanstack/react-query";
import { http, path } from "@/api/http";
import type { Page } from "@/api/types";

export type Setting = { key: string; value: string | null; origin: string | null; about?: string | null; holds_from?: string | null };

export const settings = (project: string | undefined) =>
  queryOptions({
    queryKey: ["settings", project ?? null],
    queryFn: ({ signal }) => http.get<Page<Setting>>("/settings", { project, limit: 500 }, signal),
  });

/** Sets a setting, or with `null` takes it back to what holds without it. */
export const put = (key: string, value: string | null, project: string | undefined) =>
  http.put<Setting>(path`/settings/${key}`, { value, ...(project !== undefined && { project }) });
