// From key presses to commands. Single letters are silent while somebody types, and can be switched off (WCAG 2.1.4).

import { commandStore } from "./registry";

const TOO_LATE_MS = 1_000;
const SWITCH = "atelier.keys";

export const mac = /mac|iphone|ipad/i.test(navigator.platform);

/** What a key press is called: `Mod+K`, `Mod+Enter`, `g`, `?`. */
export function pressed(event: KeyboardEvent): string {
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (other || event.altKey) return "";
  if (mod) return `Mod+${event.shiftKey ? "Shift+" : ""}${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
  return event.key;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function singleKeys(): boolean {
  return localStorage.getItem(SWITCH) !== "off";
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SWITCH, on ? "on" : "off");
}

/** Whether a press of Enter belongs to a composition (Japanese, Chinese, …) and sends nothing. */
export function composing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** How keys are shown: `Ctrl K`, `⌘ K`, `g r`. */
export function shown(keys: string): string[] {
  return keys.split(/[+ ]/).map((key) => (key === "Mod" ? (mac ? "⌘" : "Ctrl") : key));
}

export function listen(): () => void {
  let first = "";
  let firstAt = 0;
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || composing(event)) return;
    const key = pressed(event);
    const single = key.length === 1;
    if (!key || (single && (isTyping(event.target) || !singleKeys()))) return;
    // What lies behind an open dialog is not there.
    if (single && document.querySelector("dialog[open]")) return;
    const chord = first && performance.now() - firstAt < TOO_LATE_MS ? `${first} ${key}` : "";
    first = "";
    const all = commandStore.get();
    const command = all.find((each) => each.keys === chord) ?? all.find((each) => each.keys === key);
    if (command && !command.why) {
      event.preventDefault();
      command.run();
    } else if (single && all.some((each) => each.keys?.startsWith(`${key} `))) {
      first = key;
      firstAt = performance.now();
    }
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
