// The bus of this page: made once, kept fresh with the cache of answers.

import type { QueryClient } from "@tanstack/react-query";

import { http, path } from "@/api/http";
import { Bus } from "./bus";
import { keepFresh } from "@/api/stale";
import type { EventPage, EventQuery } from "./project-log";
import type { Envelope } from "./wire";

export async function fetchEvents(project: string, query: EventQuery & { texts?: "inline" }): Promise<EventPage> {
  const page = await http.get<{ items: Envelope[]; next: string | null }>(path`/projects/${project}/events`, query);
  return { items: page.items, more: page.next !== null };
}

export function makeBus(client: QueryClient): Bus {
  const bus = new Bus({ fetchEvents });
  keepFresh(bus, client);
  return bus;
}
