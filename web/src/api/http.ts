// Asking the studio. Owns: headers, problems, idempotency keys. Does not own: which questions there are.

import { Problem } from "./problem";

export type Query = Record<string, string | number | boolean | null | undefined>;

const ROOT = "/api/v1";

type Ask = {
  query?: Query | undefined;
  body?: unknown;
  /** The same key twice is the same request: a retry after a lost answer does not do it again. */
  key?: string | undefined;
  ifMatch?: string | undefined;
  signal?: AbortSignal | undefined;
};

export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `${ROOT}${path}${search.size > 0 ? `?${search}` : ""}`;
}

/** A path with its parts encoded: ``path`/projects/${name}` ``. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

export const http = {
  get: <T>(to: string, query?: Query, signal?: AbortSignal) => ask<T>("GET", to, { query, signal }),
  text: async (to: string, query?: Query, signal?: AbortSignal) => (await send("GET", to, { query, signal })).text(),
  post: <T>(to: string, body: unknown = {}, key: string = crypto.randomUUID()) => ask<T>("POST", to, { body, key }),
  put: <T>(to: string, body: unknown, ifMatch?: string) => ask<T>("PUT", to, { body, ifMatch }),
  patch: <T>(to: string, body: unknown, ifMatch?: string) => ask<T>("PATCH", to, { body, ifMatch }),
  delete: <T>(to: string, query?: Query) => ask<T>("DELETE", to, { query }),
};

async function ask<T>(method: string, to: string, more: Ask): Promise<T> {
  const response = await send(method, to, more);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw await Problem.from(response.bodyUsed ? new Response(null, { status: response.status }) : response);
  }
}

async function send(method: string, to: string, { query, body, key, ifMatch, signal }: Ask): Promise<Response> {
  const headers = new Headers();
  // Writes must say that they are JSON: a page of another site cannot send that without asking first.
  if (method !== "GET") headers.set("Content-Type", "application/json");
  if (key) headers.set("Idempotency-Key", key);
  if (ifMatch) headers.set("If-Match", ifMatch);
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  const response = await fetch(address(to, query), init);
  if (!response.ok) throw await Problem.from(response);
  return response;
}
