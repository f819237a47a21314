// How the shell is arranged here: kept in this browser, the same in all tabs.

import { useSyncExternalStore } from "react";

export type Layout = { narrowNav: boolean; aside: boolean; asideWidth: number };

const KEY = "atelier.layout";
const USUAL: Layout = { narrowNav: false, aside: true, asideWidth: 300 };
const listeners = new Set<() => void>();
let layout = read();

function read(): Layout {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Layout>) };
  } catch {
    return USUAL;
  }
}

export function arrange(change: Partial<Layout>): void {
  layout = { ...layout, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(layout));
  } catch {
    // It holds for this visit.
  }
  for (const listener of listeners) listener();
}

addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  layout = read();
  for (const listener of listeners) listener();
});

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, () => layout);
}

export function currentLayout(): Layout {
  return layout;
}
