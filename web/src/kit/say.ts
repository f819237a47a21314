import { t } from "@/texts";

/** Numbers, times and money as people say them. */

const words = t.common;

export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (Number.isNaN(seconds)) return at;
  if (seconds < 5) return words.times.now;
  if (seconds < 60) return words.times.seconds(seconds);
  if (seconds < 3600) return words.times.minutes(Math.floor(seconds / 60));
  if (seconds < 86_400) return words.times.hours(Math.floor(seconds / 3600));
  const days = Math.floor(seconds / 86_400);
  if (days === 1) return words.times.yesterday;
  if (days < 30) return words.times.days(days);
  return new Date(at).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
}

export function exact(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" });
}

/** `95 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Dollars. Nothing known is said to be unknown, never shown as 0. */
export function money(cost: number | null | undefined): string {
  if (cost === null || cost === undefined) return words.cost.unknown;
  if (cost === 0) return words.cost.free;
  return cost < 0.01 ? words.cost.below : `$${cost.toFixed(2)}`;
}

export function count(n: number): string {
  return n.toLocaleString("en");
}
