import { queryOptions } from "@tanstack/react-query";
import { http, path } from "@/api/http";
import type { Page } from "@/api/types";

export type Model = {
  model: string;
  provider: string;
  endpoint: string | null;
  available: boolean;
  detail: string;
  hint: string;
  context_tokens: number | null;
  size_bytes: number | null;
};

export type ModelTest = {
  ok: boolean;
  model: string;
  reported?: string | null;
  text?: string | null;
  input_tokens?: number | null;
  output_tokens?: number | null;
  first_token_ms?: number | null;
  total_ms?: number | null;
  error?: { code: string; message: string; hint?: string } | null;
};

export type CascadeLevel = { level: string; key: string | null; model: string | null; wins: boolean };

export const models = () => queryOptions({ queryKey: ["models"], queryFn: ({ signal }) => http.get<Page<Model>>("/models", { limit: 500 }, signal) });

export const test = (model: string) => http.post<ModelTest>(path`/models/${model}/test`);

export const cascade = (project: string | undefined, agent: string | undefined, mode: string | undefined) =>
  queryOptions({
    queryKey: ["cascade", project ?? null, agent ?? null, mode ?? null],
    enabled: agent !== undefined,
    queryFn: ({ signal }) => http.get<{ levels: CascadeLevel[] }>("/cascade", { project, agent, mode }, signal),
  });
