// What was typed and not sent yet. Kept in this browser at every key, so that neither a closed tab nor a stopped studio
// loses a word. Owns: drafts by name. Does not own: what they are for.

const PREFIX = "atelier.draft.";
const listeners = new Map<string, Set<() => void>>();
/** For windows where storage is forbidden, and texts too long for it: as good as it gets. */
const here = new Map<string, string>();

export function draft(name: string): string {
  const kept = here.get(name);
  if (kept !== undefined) return kept;
  try {
    return localStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return "";
  }
}

export function keep(name: string, text: string): void {
  try {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
    here.delete(name);
  } catch {
    here.set(name, text);
  }
  told(name);
}

export function subscribe(name: string, listener: () => void): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set.add(listener));
  return () => set.delete(listener);
}

function told(name: string) {
  for (const listener of listeners.get(name) ?? []) listener();
}

// Another tab wrote on.
addEventListener("storage", (event) => {
  if (event.key?.startsWith(PREFIX)) told(event.key.slice(PREFIX.length));
});
