import { useCallback, useSyncExternalStore } from "react";
import { draft, keep, subscribe } from "./drafts";

/** A text that survives a closed tab, and is the same in all tabs. An empty text is no draft. */
export function useDraft(name: string): [text: string, set: (text: string) => void] {
  const text = useSyncExternalStore(
    useCallback((listener) => subscribe(name, listener), [name]),
    () => draft(name),
  );
  return [text, useCallback((to: string) => keep(name, to), [name])];
}
