// What nobody should type, and no model should say.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { launch, visitor, type Browser, type BrowserContext, type Page } from "./harness/browser";
import { ScriptedModel } from "./harness/model";
import { Studio, until } from "./harness/studio";

const TRICK = `<script>globalThis.ran=1</script><img src=x onerror="globalThis.ran=2">[a](javascript:globalThis.ran=3) ![b](http://elsewhere.invalid/x.png) \`<iframe srcdoc="<script>parent.ran=4</script>">\``;

let browser: Browser;
let model: ScriptedModel;
let studio: Studio;
let context: BrowserContext;
let page: Page;
let troubles: string[];
let asked: string[];

beforeAll(async () => {
  browser = await launch();
  model = await ScriptedModel.start();
  studio = await Studio.start(model.spec);
});
afterAll(async () => {
  await browser?.close();
  await studio?.end();
  await model?.end();
});
beforeEach(async () => {
  await model.script();
  ({ context, troubles } = await visitor(browser));
  page = await context.newPage();
  asked = [];
  page.on("request", (request) => asked.push(request.url()));
});
afterEach(async () => {
  expect(await page.evaluate(() => (globalThis as unknown as { ran?: number }).ran)).toBeUndefined();
  expect(asked.filter((url) => !url.startsWith(studio.url) && !url.startsWith("blob:"))).toEqual([]);
  await context.close();
  expect(troubles).toEqual([]);
});

test("tricks in what a person says stay text on every page that shows them", async () => {
  const project = await studio.project("Tricks said");
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  await page.getByLabel("Say something to the crew").fill(TRICK);
  await page.keyboard.press("Enter");
  expect((await studio.event(project, "message.sent")).body["text"]).toBe(TRICK);
  await page.getByRole("listbox").getByRole("option").filter({ hasText: "<script>" }).click();
  await page.getByRole("group", { name: "Details" }).getByText("<script>").first().waitFor();
  await page.goto(`${studio.url}/p/${project}/log`);
  await page.getByRole("listbox").getByRole("option").filter({ hasText: "<script>" }).waitFor();
});

test("tricks in every answer of a model stay text where they are read", async () => {
  const project = await studio.project("Tricks answered");
  await model.script({ reply: { text: JSON.stringify(TRICK) } });
  const run = await studio.run(project, { gates: "never" });
  await studio.event(project, "run.finished");
  const { items } = await studio.get<{ items: { path: string }[] }>(`/projects/${project}/outputs`);
  for (const path of [`/runs/${run}`, "/intelligence", "/log", "/library", ...items.map((item) => `/library?file=${item.path}`)]) {
    await page.goto(`${studio.url}/p/${project}${path}`);
    await page.getByRole("main").waitFor();
    expect(await page.locator("main script, main iframe, main img").count()).toBe(0);
  }
});

test("a title and a name of only an emoji are shown and found", async () => {
  const project = await studio.project("🜛👩‍🚀");
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  await page.getByText("🜛👩‍🚀").first().waitFor();
  await page.goto(studio.url);
  await page.getByText("🜛👩‍🚀").first().waitFor();
});

test("five megabytes that are pasted stay in the field, and the page says that they are too many", async () => {
  const project = await studio.project("Five megabytes");
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  const field = page.getByLabel("Say something to the crew");
  await field.waitFor();
  await field.evaluate((at, text) => {
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value")?.set;
    set?.call(at, text);
    at.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }, "sea ".repeat(1_310_720));
  await page.getByText(/characters too long/).first().waitFor();
  expect(await page.getByRole("button", { name: "Say it" }).getAttribute("aria-disabled")).toBe("true");
  expect(await studio.events(project, "message.sent")).toEqual([]);
  await page.goto(`${studio.url}/p/${project}/log`);
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  await field.fill("and now a short one");
  await page.keyboard.press("Enter");
  await studio.event(project, "message.sent");
});

test("a deleted project is said in words, and what is open of it does not break", async () => {
  const project = await studio.project("Soon gone");
  await page.goto(`${studio.url}/p/${project}/intelligence`);
  await page.getByRole("main").waitFor();
  await studio.ask("DELETE", `/projects/${project}`);
  await page.reload();
  await page.getByRole("alert").waitFor();
  await until("words", async () => /not|trash|deleted/i.test(await page.getByRole("alert").innerText()));
});

test("an address with tricks in it is an address with tricks in it", async () => {
  const project = await studio.project("Addresses");
  await page.goto(`${studio.url}/p/${project}/intelligence?q=${encodeURIComponent(TRICK)}&at=1e99&all=javascript:1`);
  await until("the filter", async () => (await page.getByLabel("Filter").inputValue()) === TRICK);
  await page.goto(`${studio.url}/p/${project}/library?file=..%2f..%2f..%2fetc%2fpasswd`);
  await page.getByRole("main").waitFor();
  await page.goto(`${studio.url}/p/${encodeURIComponent("../../../etc")}/log`);
  await page.getByRole("alert").waitFor();
});
