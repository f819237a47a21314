// Every page in both themes: axe finds nothing serious in its normal, empty and failed state and with a dialog open; and
// pictures at three widths for whoever changes it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { launch, picture, serious, THEMES, visitor, WIDTHS, type Browser, type Page } from "./harness/browser";
import { ScriptedModel } from "./harness/model";
import { Studio } from "./harness/studio";

let browser: Browser;
let model: ScriptedModel;
let studio: Studio;
let full = "";
let empty = "";
let run = "";
let gate = "";
let bucket = "";

beforeAll(async () => {
  browser = await launch();
  model = await ScriptedModel.start();
  studio = await Studio.start(model.spec);
  full = await studio.project("The Salt Road");
  empty = await studio.project("Nothing yet");
  await studio.post(`/projects/${full}/feedback`, { text: "Keep the lighthouse keeper kind, whatever the sea says.", to: "character" });
  run = await studio.run(full, { gates: "never" });
  await studio.event(full, "run.finished");
  const project = await studio.project("At a decision");
  const waits = await studio.run(project, { gates: "always" });
  gate = `/p/${project}/runs/${waits}/gates/${String((await studio.event(project, "gate.opened")).body["gate"])}`;
  bucket = (await studio.get<{ items: { id: string }[] }>(`/projects/${full}/buckets`)).items[0]?.id ?? "";
});
afterAll(async () => {
  await browser?.close();
  await studio?.end();
  await model?.end();
});

const NOBODY = "prj_00000000000000000000000000000000";
type Where = { name: string; path: () => string; ready: string };
const PAGES: readonly Where[] = [
  { name: "center", path: () => "/", ready: "main h1, main h2" },
  { name: "begin", path: () => "/begin", ready: "main h1" },
  { name: "desk", path: () => `/p/${full}`, ready: "main" },
  { name: "runs", path: () => `/p/${full}/runs`, ready: "main table, main h1" },
  { name: "run", path: () => `/p/${full}/runs/${run}`, ready: "main h1, main h2" },
  { name: "gate", path: () => gate, ready: "main h2" },
  { name: "start", path: () => `/p/${full}/start`, ready: "main h1, main h2" },
  { name: "intelligence", path: () => `/p/${full}/intelligence?at=2`, ready: "[role=option]" },
  { name: "log", path: () => `/p/${full}/log?at=3`, ready: "[role=option]" },
  { name: "state", path: () => `/p/${full}/log?state=9`, ready: "main details" },
  { name: "library-file", path: () => `/p/${full}/library?file=bible/bible.md`, ready: ".manuscript" },
  { name: "library-bucket", path: () => `/p/${full}/library?bucket=${bucket}`, ready: ".manuscript" },
  { name: "models", path: () => "/models", ready: "main table" },
  { name: "settings", path: () => "/settings", ready: "main li input" },
  { name: "health", path: () => "/health-and-safety", ready: "main li" },
  { name: "empty-runs", path: () => `/p/${empty}/runs`, ready: "main p" },
  { name: "empty-intelligence", path: () => `/p/${empty}/intelligence?q=nobody`, ready: "main p" },
  { name: "empty-log", path: () => `/p/${empty}/log?q=nobody`, ready: "main p" },
  { name: "empty-library", path: () => `/p/${empty}/library`, ready: "main p" },
  { name: "error-intelligence", path: () => `/p/${NOBODY}/intelligence`, ready: "[role=alert]" },
  { name: "error-log", path: () => `/p/${NOBODY}/log`, ready: "[role=alert]" },
  { name: "error-library", path: () => `/p/${NOBODY}/library`, ready: "[role=alert]" },
  { name: "error-run", path: () => `/p/${full}/runs/run_00000000000000000000000000000000`, ready: "main [role=alert], main h1" },
  { name: "lost", path: () => "/nowhere/at/all", ready: "main" },
];
type Opened = { name: string; path: () => string; open: (page: Page) => Promise<void> };
const DIALOGS: readonly Opened[] = [
  { name: "palette", path: () => "/", open: (page) => page.keyboard.press("Control+k") },
  { name: "keys", path: () => "/", open: (page) => page.keyboard.press("?") },
  { name: "stop", path: () => "/health-and-safety", open: (page) => page.getByRole("button", { name: "Stop everything" }).click() },
];

for (const theme of THEMES) {
  describe(`in the ${theme} theme`, () => {
    test.each(PAGES)("$name has nothing serious and is pictured", async ({ name, path, ready }) => {
      const { context, troubles } = await visitor(browser, { theme });
      const page = await context.newPage();
      await page.goto(`${studio.url}${path()}`);
      await page.locator(ready).first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      expect(await serious(page)).toEqual([]);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
        await picture(page, `${name}-${theme}-${width}`);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        expect(tooWide, `${name} scrolls sideways at ${width}`).toBe(false);
      }
      await context.close();
      expect(troubles).toEqual([]);
    });

    test.each(DIALOGS)("with $name open", async ({ name, path, open }) => {
      const { context } = await visitor(browser, { theme });
      const page = await context.newPage();
      await page.goto(`${studio.url}${path()}`);
      await page.getByRole("main").locator("h1, h2").first().waitFor();
      await open(page);
      await page.getByRole("dialog").waitFor();
      expect(await serious(page)).toEqual([]);
      await picture(page, `dialog-${name}-${theme}-1440`);
      await context.close();
    });
  });
}

