// What a value must look like, as far as the page can tell; the studio has the last word.

import { tSettings } from "@/texts/settings";

/** Settings whose value is one of a few words. */
export const CHOICES: Readonly<Record<string, readonly string[]>> = { "canon.accept": ["ask", "auto"] };

const MODEL = /^(auto|(embedded|openai|ollama|anthropic|gemini|scripted):\S+)$/;

export function isNumber(key: string): boolean {
  return /_ms$|_tokens$|temperature$|concurrency$|threads$|_per_day$/.test(key);
}

export function isModel(key: string): boolean {
  return /^models\.(default|fast|heavy|embedding)$|^agents\..+\.model$/.test(key);
}

/** What is wrong with a value; nothing where it may be right. */
export function wrong(key: string, value: string): string | undefined {
  const text = value.trim();
  if (text === "") return undefined;
  if (isNumber(key) && !/^\d+(\.\d+)?$/.test(text)) return tSettings.number;
  if (isModel(key) && !MODEL.test(text)) return tSettings.model;
  return undefined;
}

/** The group a setting stands in: what its key begins with. */
export function groupOf(key: string): string {
  const group = key.split(".")[0] ?? "";
  return tSettings.groups[group] ?? group.charAt(0).toUpperCase() + group.slice(1);
}
