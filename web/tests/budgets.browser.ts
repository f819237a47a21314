// What is counted rather than timed.

import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, visitor, type Browser, type BrowserContext, type Page } from "./harness/browser";
import { Studio, until } from "./harness/studio";

const ROWS = 50_000;

let browser: Browser;
let studio: Studio;
let context: BrowserContext;
let page: Page;
let project: string;

beforeAll(async () => {
  browser = await launch();
  studio = await Studio.start();
  project = await studio.project("A long history");
  ({ context } = await visitor(browser));
  page = await context.newPage();
  await page.addInitScript(() => {
    const counted = globalThis as unknown as { commits: number };
    counted.commits = 0;
    // Where React tells its developer tools of every commit.
    Reflect.set(globalThis, "__REACT_DEVTOOLS_GLOBAL_HOOK__", {
      supportsFiber: true,
      renderers: new Map(),
      inject: () => 1,
      onCommitFiberRoot: () => (counted.commits += 1),
      onCommitFiberUnmount: () => {},
      onPostCommitFiberRoot: () => {},
      checkDCE: () => {},
    });
  });
});
afterAll(async () => {
  await browser?.close();
  await studio?.end();
});

const commits = () => page.evaluate(() => (globalThis as unknown as { commits: number }).commits);
const say = (n: number) => studio.post(`/projects/${project}/feedback`, { text: `row ${n}` });

test("a hundred events are a few commits of React", async () => {
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  await page.getByRole("contentinfo").getByText("Live").waitFor();
  await say(0);
  await page.getByRole("listbox").getByRole("option").filter({ hasText: "row 0" }).waitFor();
  const before = await commits();
  expect(before).toBeGreaterThan(0);
  await Promise.all(Array.from({ length: 100 }, (_, n) => say(n + 1)));
  await until("all rows", async () => (await page.getByRole("listbox").getByRole("option").last().getAttribute("aria-setsize")) === "101");
  // One a frame at most, and two for the gathered refresh of what the page shows beside the rows.
  expect((await commits()) - before).toBeLessThanOrEqual(40);
});

test("fifty thousand rows are a few dozen elements, and a filter finds one of them", async () => {
  const seconds = await fill(ROWS);
  expect(seconds).toBeGreaterThan(0);
  await page.goto(`${studio.url}/p/${project}/log`);
  const all = async () => Number(await page.getByRole("listbox").getByRole("option").first().getAttribute("aria-setsize"));
  await until("all rows in the tab", async () => (await all()) >= ROWS);
  expect(await page.getByRole("listbox").getByRole("option").count()).toBeLessThan(100);
  await page.getByRole("listbox").evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  expect(await page.getByRole("listbox").getByRole("option").count()).toBeLessThan(100);
  await page.getByLabel("Filter").fill('"row 31415"');
  await until("one row", async () => (await all()) === 1);
  expect(await page.locator("*").count()).toBeLessThan(1_500);
});

/** Brings the project to so many events. */
async function fill(wanted: number): Promise<number> {
  const began = performance.now();
  const { last_seq: now } = await studio.get<{ last_seq: number }>(`/projects/${project}`);
  let next = now;
  const worker = async () => {
    while (next < wanted) await say((next += 1));
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return (performance.now() - began) / 1_000;
}
