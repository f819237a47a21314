// A real Chromium, and what tests do in it again and again.

import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { chromium as engine, type Browser, type BrowserContext, type Page } from "playwright-core";

import { ARTIFACTS, chromium } from "./programs";

export type Theme = "dark" | "light";
export const THEMES: readonly Theme[] = ["dark", "light"];
export const WIDTHS = [1440, 1024, 390] as const;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Only this machine: whatever a page or the browser wants of another host is not even looked up.
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

export function launch(): Promise<Browser> {
  return engine.launch({ executablePath: chromium(), args: FLAGS });
}

export type Look = { theme?: Theme; width?: number; height?: number };

/** A window of its own, with storage of its own. What goes wrong in a page is gathered in `troubles`. */
export async function visitor(browser: Browser, { theme = "dark", width = 1440, height = 900 }: Look = {}) {
  // axe is put into the page as a script, which the page's own policy would not allow.
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce", bypassCSP: true });
  context.setDefaultTimeout(30_000);
  const troubles: string[] = [];
  context.on("weberror", (error) => troubles.push(error.error().message));
  return { context, troubles };
}

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
type Violation = { id: string; impact: string | null; help: string; nodes: { html: string; failureSummary?: string }[] };

/** What axe finds serious or worse, in words. */
export async function serious(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(axe, "utf8"));
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = (await page.evaluate(
    (values) => (globalThis as unknown as { axe: { run(of: Document, how: unknown): Promise<{ violations: unknown[] }> } }).axe.run(document, { runOnly: values }),
    tags,
  )) as { violations: Violation[] };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
}

/** A picture for whoever changes the page. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
}

/** Presses a key until a condition on the page holds; for walking by Tab. */
export async function walk(page: Page, key: string, there: () => Promise<boolean>, most = 80): Promise<void> {
  for (let n = 0; n < most; n += 1) {
    if (await there()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${most} × ${key} did not get there`);
}

/** Whether the focus is on a control with this name, and role where one is given. */
export function focused(page: Page, name: RegExp, role = ""): () => Promise<boolean> {
  return () =>
    page.evaluate(({ source, flags, wanted }) => {
      const at = document.activeElement as HTMLElement | null;
      if (at === document.body || (wanted !== "" && at?.getAttribute("role") !== wanted)) return false;
      const label = at && [at.getAttribute("aria-label"), (at as HTMLInputElement).labels?.[0]?.textContent, at.textContent].find(Boolean);
      return new RegExp(source, flags).test(label ?? "");
    }, { source: name.source, flags: name.flags, wanted: role });
}

export type { Browser, BrowserContext, Page };
