import type { CommandGroup } from "@/commands/registry";

export type PaletteState = { open: boolean; only?: CommandGroup };

let state: PaletteState = { open: false };
const listeners = new Set<() => void>();

function change(to: PaletteState) {
  state = to;
  for (const listener of listeners) listener();
}

export function openPalette(only?: CommandGroup): void {
  change({ open: true, ...(only && { only }) });
}

export function closePalette(): void {
  change({ open: false });
}

export const paletteStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get: () => state,
};
