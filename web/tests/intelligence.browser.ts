import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { focused, launch, visitor, walk, type Browser, type BrowserContext, type Page } from "./harness/browser";
import { ScriptedModel } from "./harness/model";
import { Studio, until } from "./harness/studio";

let browser: Browser;
let model: ScriptedModel;
let studio: Studio;
let context: BrowserContext;
let page: Page;
let project: string;
let troubles: string[];

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
beforeEach(async ({ task }) => {
  await model.script();
  project = await studio.project(task.name.slice(0, 150));
  ({ context, troubles } = await visitor(browser));
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  expect(troubles).toEqual([]);
});

const open = (search = "") => page.goto(`${studio.url}/p/${project}/intelligence${search}`);
const rows = () => page.getByRole("listbox").getByRole("option");
const field = () => page.getByLabel("Say something to the crew");

describe("speaking", () => {
  test("c12 what is said to one agent is in its next call, and the row says who heard it and where", async () => {
    const hold = await model.hold({ nth: 1 });
    await model.reset();
    const run = await studio.run(project);
    await hold.held();
    await open();
    await field().fill("No dragons, and the bell rings twice.");
    await page.getByLabel("To", { exact: true }).selectOption("worldbuilder");
    await page.getByLabel("How urgent").selectOption("urgent");
    await page.getByRole("button", { name: "Say it" }).click();
    const said = await studio.event(project, "message.sent");
    expect(said.body).toMatchObject({ text: "No dragons, and the bell rings twice.", to: "worldbuilder", priority: "urgent", from: "you" });
    await rows().filter({ hasText: "No dragons" }).getByText("not heard yet").waitFor();
    await hold.release();
    await rows().filter({ hasText: "heard by Worldbuilder at world" }).waitFor();
    const heard = (await model.calls()).filter((call) => call.text.includes("the bell rings twice"));
    expect(heard.length).toBeGreaterThan(0);
    expect(run).toMatch(/^run_/);
    expect(await field().inputValue()).toBe("");
  });

  test("what is said to everyone by keyboard alone is an event", async () => {
    await open();
    await walk(page, "Tab", focused(page, /Say something to the crew/));
    await page.keyboard.type("Shorter sentences, please.");
    await page.keyboard.press("Enter");
    const said = await studio.event(project, "message.sent");
    expect(said.body).toMatchObject({ text: "Shorter sentences, please.", from: "you" });
    expect(said.body["to"]).toBeUndefined();
  });

  test("Enter while composing sends nothing, Shift Enter begins a new line", async () => {
    await open();
    await field().fill("にほん");
    await field().dispatchEvent("keydown", { key: "Enter", keyCode: 229, isComposing: true });
    await page.keyboard.press("Shift+Enter");
    expect(await field().inputValue()).toBe("にほん\n");
    expect(await studio.events(project, "message.sent")).toEqual([]);
  });

  test("a draft survives a closed tab", async () => {
    await open();
    await field().fill("Half a thought");
    await page.close();
    page = await context.newPage();
    await open();
    expect(await field().inputValue()).toBe("Half a thought");
  });
});

describe("reading", () => {
  test("c13 what agents say is there as they say it, as words and not as JSON", async () => {
    await model.script({ text: "", reply: { first_ms: 1, inter_ms: 5, chunk_chars: 12 } });
    const hold = await model.hold({ nth: 1, after: 3 });
    await model.reset();
    await open();
    await studio.run(project);
    await hold.held();
    const speaking = page.getByRole("region", { name: "Speaking now" });
    await speaking.getByText("Plot architect").waitFor();
    const words = await speaking.getByRole("listitem").first().innerText();
    expect(words).not.toMatch(/[{}"]/);
    await page.getByRole("status").filter({ hasText: "Plot architect is writing" }).waitFor({ state: "attached" });
    await hold.release();
    await rows().filter({ hasText: "run ended" }).waitFor();
    await until("silence", async () => (await speaking.count()) === 0);
  });

  test("the filter takes names, words and what is left out, and lives in the address", async () => {
    await studio.run(project);
    await studio.event(project, "run.finished");
    await open();
    await rows().first().waitFor();
    const all = await rows().count();
    await page.keyboard.press("/");
    await page.keyboard.type("kind:attempt from:worldbuilder");
    await page.waitForURL(/q=/);
    await until("fewer rows", async () => (await rows().count()) < all);
    for (const row of await rows().all()) expect(await row.innerText()).toContain("Worldbuilder");
    await page.reload();
    await rows().first().waitFor();
    expect(await page.getByLabel("Filter").inputValue()).toBe("kind:attempt from:worldbuilder");
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await until("all rows", async () => (await rows().count()) === all);
  });

  test("a facet tells how many there are and is a switch", async () => {
    await studio.run(project);
    await studio.event(project, "run.finished");
    await open();
    const facet = page.getByRole("group", { name: "Who" }).getByRole("button", { name: /Worldbuilder/ });
    const said = Number((await facet.innerText()).replace(/\D/g, ""));
    await facet.click();
    expect(await facet.getAttribute("aria-pressed")).toBe("true");
    await until("only theirs", async () => (await rows().count()) === said);
  });

  test("by keyboard a row is chosen and opened, with its words, its payload and what led to it", async () => {
    await studio.run(project);
    await studio.event(project, "run.finished");
    await open();
    await rows().first().waitFor();
    await walk(page, "Tab", focused(page, /What was said and done/));
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/at=\d+/);
    const details = page.getByRole("group", { name: "Details" });
    await details.getByRole("heading").first().waitFor();
    await details.getByText("Payload").click();
    await details.getByText('"kind":').waitFor();
    expect(await details.getByText(/What led to it|What came of it/).count()).toBeGreaterThan(0);
  });

  test("who reads further up is not pulled down, and is told how much is new", async () => {
    for (let n = 0; n < 40; n += 1) await studio.post(`/projects/${project}/feedback`, { text: `before ${n}` });
    await open();
    await rows().filter({ hasText: "before 39" }).waitFor();
    await page.getByRole("listbox").evaluate((list) => list.scrollTo(0, 0));
    await rows().filter({ hasText: "before 0" }).waitFor();
    await page.getByRole("button", { name: "Follow the end" }).waitFor();
    for (let n = 0; n < 3; n += 1) await studio.post(`/projects/${project}/feedback`, { text: `after ${n}` });
    const more = page.getByRole("button", { name: "3 new" });
    await more.waitFor();
    expect(await rows().filter({ hasText: "before 0" }).count()).toBe(1);
    await more.click();
    await rows().filter({ hasText: "after 2" }).waitFor();
  });

  test("the rows that fit are saved as JSON Lines, one event a line", async () => {
    await studio.run(project);
    await studio.event(project, "run.finished");
    await open("?q=kind:attempt.finished");
    await rows().first().waitFor();
    const shown = await rows().count();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export as JSON Lines" }).click();
    const stream = await (await saved).createReadStream();
    let text = "";
    for await (const piece of stream) text += String(piece);
    const lines = text.trim().split("\n").map((line) => JSON.parse(line) as { kind: string; body: { output: unknown } });
    expect(lines).toHaveLength(shown);
    for (const line of lines) expect([line.kind, typeof line.body.output]).toEqual(["attempt.finished", "string"]);
  });
});
