/** What just happened, with Undo where it can be undone. A store outside React, so that anything may tell. */

export type Toast = { id: number; text: string; tone: "plain" | "bad"; undo?: () => void };

const LASTS_MS = 10_000;

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function change(to: readonly Toast[]) {
  toasts = to;
  for (const listener of listeners) listener();
}

/** Tells what happened for ten seconds. */
export function tell(text: string, more: { undo?: () => void; tone?: Toast["tone"] } = {}): void {
  const id = next++;
  change([...toasts.slice(-3), { id, text, tone: more.tone ?? "plain", ...(more.undo && { undo: more.undo }) }]);
  // A failure stays until it is put away.
  if (more.tone !== "bad") setTimeout(() => dismiss(id), LASTS_MS);
}

export function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

export const toastStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => toasts,
};
