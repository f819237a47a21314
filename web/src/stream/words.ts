// How rows name people and things.

import { agentName } from "@/kit";
import { t } from "@/texts";
import { tStream } from "@/texts/stream";

const words = tStream;

/** `you`, an agent's name, or the studio itself. */
export function who(id: string): string {
  if (id === "you") return t.common.you;
  if (id === "all") return words.all;
  if (id === "engine") return words.engine;
  return agentName(id);
}

export function kindWord(kind: string): string {
  return words.kinds[kind] ?? kind.replaceAll(/[._]/g, " ");
}

/** The time of day, to the second, where the reader is. */
export function clock(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toLocaleTimeString("en-GB");
}
