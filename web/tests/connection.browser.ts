import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

import { launch, visitor, type Browser, type BrowserContext, type Page } from "./harness/browser";
import { ScriptedModel } from "./harness/model";
import { Studio, until } from "./harness/studio";

let browser: Browser;
let model: ScriptedModel;
let studio: Studio;
let context: BrowserContext;
let page: Page;
let project: string;

beforeAll(async () => {
  browser = await launch();
  model = await ScriptedModel.start();
});
afterAll(async () => {
  await browser?.close();
  await model?.end();
});
beforeEach(async () => {
  await model.script();
  studio = await Studio.start(model.spec);
  project = await studio.project("The sea");
  ({ context } = await visitor(browser));
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await studio.end();
});

const address = () => `${studio.url}/p/${project}/intelligence`;
const strip = (at: Page) => at.getByRole("contentinfo");
const last = (at: Page) => at.getByRole("listbox").getByRole("option").last();
const say = (text: string) => studio.post(`/projects/${project}/feedback`, { text });
/** The numbers of all rows, read by scrolling from the first to the last. */
const numbers = (at: Page) =>
  at.getByRole("listbox").evaluate(async (list) => {
    const seen = new Set<number>();
    for (let top = 0; ; top += list.clientHeight / 2) {
      list.scrollTo(0, top);
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      for (const row of list.querySelectorAll<HTMLElement>("[data-seq]")) seen.add(Number(row.dataset["seq"]));
      if (top > list.scrollHeight) return [...seen].toSorted((a, b) => a - b);
    }
  });

test("c13 the studio is killed in mid-stream and comes back: the page goes on by itself, with every row once", async () => {
  await model.script({ reply: { inter_ms: 10, chunk_chars: 6 } });
  const hold = await model.hold({ nth: 2, after: 2 });
  await model.reset();
  await page.goto(`${studio.url}/p/${project}/log`);
  const run = await studio.run(project);
  await hold.held();
  await studio.kill();
  await strip(page).getByText(/Reconnecting|Offline/).waitFor();
  await hold.release();
  await studio.serve();
  await strip(page).getByText("Live").waitFor();
  await until("the end of the run", async () => (await studio.get<{ status: string }>(`/runs/${run}`)).status !== "running");
  const events = await studio.events(project);
  await page.locator(`[data-seq="${events.at(-1)?.seq}"]`).waitFor();
  expect(await numbers(page)).toEqual(events.map((event) => event.seq));
});

test("while the studio is away what is there can be read, writing goes on, and buttons say why they wait", async () => {
  await say("before");
  await page.goto(address());
  await last(page).getByText("before").waitFor();
  await studio.kill();
  await strip(page).getByText(/Reconnecting|Offline/).waitFor();
  await page.getByLabel("Say something to the crew").fill("written while nobody listens");
  const send = page.getByRole("button", { name: "Say it" });
  expect(await send.getAttribute("aria-disabled")).toBe("true");
  await send.focus();
  await page.getByRole("tooltip").filter({ hasText: "does not answer" }).waitFor({ state: "attached" });
  expect(await page.getByRole("listbox").getByRole("option").filter({ hasText: "before" }).count()).toBe(1);
  await studio.serve();
  await strip(page).getByText("Live").waitFor();
  await until("the button", async () => (await send.getAttribute("aria-disabled")) === null);
  await send.click();
  expect((await studio.event(project, "message.sent", 2)).body).toMatchObject({ text: "written while nobody listens" });
});

test("two tabs show the same, and what one says the other reads", async () => {
  const other = await context.newPage();
  await page.goto(address());
  await other.goto(address());
  await page.getByLabel("Say something to the crew").fill("from the first tab");
  await page.keyboard.press("Enter");
  await last(other).getByText("from the first tab").waitFor();
});

test("nine tabs are all live: they share one connection", async () => {
  const tabs = [page, ...(await Promise.all(Array.from({ length: 8 }, () => context.newPage())))];
  for (const tab of tabs) {
    await tab.goto(address());
    await strip(tab).getByText("Live").waitFor();
  }
  await say("to all nine");
  for (const tab of tabs) await last(tab).getByText("to all nine").waitFor();
});

test("when the tab that was first is closed the others stay live", async () => {
  const other = await context.newPage();
  await page.goto(address());
  await other.goto(address());
  await strip(other).getByText("Live").waitFor();
  await page.close();
  await say("after the first one left");
  await last(other).getByText("after the first one left").waitFor();
});

test("without shared workers the tabs choose one that listens, and another when it closes", async () => {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "SharedWorker"));
  const other = await context.newPage();
  await page.goto(address());
  await other.goto(address());
  await say("one listens");
  for (const tab of [page, other]) await last(tab).getByText("one listens").waitFor();
  await page.close();
  await strip(other).getByText("Live").waitFor();
  await say("the other took over");
  await last(other).getByText("the other took over").waitFor();
});

test("a tab that could not read for a while has every row once when it can", async () => {
  await page.goto(address());
  await strip(page).getByText("Live").waitFor();
  const client = await context.newCDPSession(page);
  await client.send("Emulation.setScriptExecutionDisabled", { value: false });
  // A page that is busy for long: nothing is read from its worker meanwhile.
  const busy = page.evaluate(() => {
    const until = performance.now() + 3_000;
    while (performance.now() < until);
  });
  for (let n = 0; n < 300; n += 1) await say(`flood ${n}`);
  await busy;
  await last(page).getByText("flood 299").waitFor();
  const sent = await studio.events(project, "message.sent");
  expect(await numbers(page)).toEqual(sent.map((event) => event.seq));
});

test("a project that does not exist is said in words, with a way on", async () => {
  await page.goto(`${studio.url}/p/prj_00000000000000000000000000000000/intelligence`);
  await page.getByRole("alert").filter({ hasText: /not|no project/i }).waitFor();
  await page.goto(`${studio.url}/p/prj_00000000000000000000000000000000/library`);
  await page.getByRole("alert").waitFor();
});
