// Everything that can be done by name or key. One table feeds palette, key handling, tooltips and the help page.

import type { ReactNode } from "react";

export type CommandGroup = "act" | "go" | "project" | "run";

export type Command = {
  id: string;
  name: string;
  group: CommandGroup;
  /** `Mod+K`, `g r` (one after the other), `?`. `Mod` is Ctrl, on a Mac ⌘. */
  keys?: string;
  icon?: ReactNode;
  /** Further words by which it is found. */
  also?: string;
  /** Why it cannot be done now. */
  why?: string | undefined;
  run: () => void;
};

let commands: readonly Command[] = [];
const sources = new Map<symbol, readonly Command[]>();
const listeners = new Set<() => void>();

/** Adds commands until the returned function is called. Two commands on one key are a mistake in the page. */
export function register(more: readonly Command[]): () => void {
  const source = Symbol("commands");
  sources.set(source, more);
  change();
  return () => {
    sources.delete(source);
    change();
  };
}

function change() {
  commands = [...sources.values()].flat();
  for (const listener of listeners) listener();
}

export const commandStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => commands,
};

/** Keys that more than one command wants. */
export function clashes(list: readonly Command[]): string[] {
  const seen = new Map<string, number>();
  for (const { keys } of list) if (keys) seen.set(keys, (seen.get(keys) ?? 0) + 1);
  return [...seen].filter(([, n]) => n > 1).map(([keys]) => keys);
}

/** The commands that fit what was typed, the best first. */
export function find(list: readonly Command[], typed: string): Command[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...list];
  const scored = list.flatMap((command) => {
    const name = command.name.toLowerCase();
    const all = `${name} ${command.also?.toLowerCase() ?? ""}`;
    let score = 0;
    for (const word of wanted) {
      const at = all.indexOf(word);
      if (at < 0) return [];
      score += at === 0 ? 4 : all[at - 1] === " " ? 3 : 1;
    }
    return [{ command, score: score + (name.startsWith(wanted[0] ?? "") ? 2 : 0) }];
  });
  return scored.toSorted((a, b) => b.score - a.score).map(({ command }) => command);
}
