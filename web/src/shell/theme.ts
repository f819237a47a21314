import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "atelier.theme";
const listeners = new Set<() => void>();

function current(): Theme {
  return document.documentElement.dataset["theme"] === "light" ? "light" : "dark";
}

export function setTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds for this visit.
  }
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}

export function changeTheme(): void {
  setTheme(current() === "dark" ? "light" : "dark");
}
