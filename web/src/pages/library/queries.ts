import { queryOptions } from "@tanstack/react-query";
import { http, path } from "@/api/http";
import type { Page } from "@/api/types";
import type { Json } from "@/bus";

export type Output = { path: string; bytes: number; updated_at: string };

export type Bucket = {
  id: string;
  type: string;
  title: string;
  aliases: string[];
  fields: Record<string, Json>;
  body: string;
  status: string;
  version: number;
  source: { run: string; step: string } | null;
  created_at: string;
  updated_at: string;
};

/** All there are, page after page. */
async function all<T>(to: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await http.get<Page<T>>(to, { limit: 500, cursor }, signal);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

export const outputs = (project: string) =>
  queryOptions({ queryKey: ["outputs", project], queryFn: ({ signal }) => all<Output>(path`/projects/${project}/outputs`, signal) });

export const output = (project: string, file: string) =>
  queryOptions({
    queryKey: ["outputs", project, file],
    queryFn: ({ signal }) => http.text(`/projects/${encodeURIComponent(project)}/outputs/${file.split("/").map(encodeURIComponent).join("/")}`, {}, signal),
  });

export const buckets = (project: string) =>
  queryOptions({ queryKey: ["buckets", project], queryFn: ({ signal }) => all<Bucket>(path`/projects/${project}/buckets`, signal) });

export const bucket = (project: string, id: string) =>
  queryOptions({ queryKey: ["buckets", project, id], queryFn: ({ signal }) => http.get<Bucket>(path`/projects/${project}/buckets/${id}`, {}, signal) });
