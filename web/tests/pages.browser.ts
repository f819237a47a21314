// The log, the library, models, settings, health: the main task of each by mouse, and again by keyboard alone.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { focused, launch, visitor, walk, type Browser, type BrowserContext, type Page } from "./harness/browser";
import { ScriptedModel } from "./harness/model";
import { Studio, until } from "./harness/studio";

let browser: Browser;
let model: ScriptedModel;
let studio: Studio;
let context: BrowserContext;
let page: Page;
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
beforeEach(async () => {
  await model.script();
  ({ context, troubles } = await visitor(browser));
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  expect(troubles).toEqual([]);
});

/** A project in which a bible was made. */
async function told(name: string): Promise<string> {
  const project = await studio.project(name);
  await studio.run(project, { gates: "never" });
  await studio.event(project, "run.finished");
  return project;
}

describe("the log", () => {
  test("c37 every event has a row; a row tells what it carries, and the project as it was then", async () => {
    const project = await told("Log by mouse");
    const events = await studio.events(project);
    await page.goto(`${studio.url}/p/${project}/log`);
    await page.getByRole("listbox").getByRole("option").first().waitFor();
    expect(Number(await page.getByRole("listbox").getByRole("option").first().getAttribute("aria-setsize"))).toBe(events.length);
    const started = events.find((event) => event.kind === "run.started");
    await page.getByRole("listbox").evaluate((list) => list.scrollTo(0, 0));
    await page.locator(`[data-seq="${started?.seq}"]`).click();
    await page.getByRole("button", { name: "The project at this point" }).click();
    await page.getByRole("heading", { name: `The project after row ${started?.seq}` }).waitFor();
    await page.getByText("runs", { exact: true }).first().waitFor();
    const state = await studio.get<Record<string, unknown>>(`/projects/${project}/state?at=${started?.seq}`);
    for (const key of Object.keys(state)) expect(await page.getByText(key, { exact: true }).count(), key).toBeGreaterThan(0);
    await page.getByRole("button", { name: "Back to the rows" }).click();
    await page.getByRole("listbox").getByRole("option").first().waitFor();
  });

  test("rows are narrowed to a kind, an agent and a run", async () => {
    const project = await told("Log narrowed");
    await studio.run(project, { gates: "never" });
    await studio.event(project, "run.finished", 2);
    const events = await studio.events(project);
    const n = async () => Number((await page.getByRole("listbox").getByRole("option").count()) && (await page.getByRole("listbox").getByRole("option").first().getAttribute("aria-setsize")));
    await page.goto(`${studio.url}/p/${project}/log`);
    await page.getByLabel("Kind").selectOption("receipt.recorded");
    await until("receipts", async () => (await n()) === events.filter((event) => event.kind === "receipt.recorded").length);
    await page.getByLabel("Who", { exact: true }).selectOption("worldbuilder");
    const theirs = events.filter((event) => event.kind === "receipt.recorded" && event.actor.id === "worldbuilder");
    await until("theirs", async () => (await n()) === theirs.length);
    await page.getByRole("listbox").getByRole("option").first().click();
    await page.getByRole("button", { name: "Only this run" }).click();
    await until("of one run", async () => (await n()) === theirs.length / 2);
  });

  test("by keyboard alone", async () => {
    const project = await told("Log by keyboard");
    await page.goto(`${studio.url}/p/${project}`);
    await page.getByRole("main").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL(/\/log/);
    await page.getByRole("listbox").getByRole("option").first().waitFor();
    await walk(page, "Tab", focused(page, /^Log$/, "listbox"));
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await walk(page, "Tab", focused(page, /The project at this point/));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /The project after row/ }).waitFor();
  });
});

describe("the library", () => {
  test("what came out is read as a page; as it is stored on request", async () => {
    const project = await told("Library by mouse");
    await page.goto(`${studio.url}/p/${project}/library`);
    const shelf = page.getByRole("navigation", { name: "What there is to read" });
    await shelf.getByRole("link").first().click();
    const reading = page.getByRole("region", { name: "What is read" });
    await reading.getByRole("heading").first().waitFor();
    const font = await reading.locator(".manuscript").evaluate((at) => getComputedStyle(at).fontFamily);
    expect(font).toMatch(/Literata/);
    await reading.getByRole("link", { name: "As it is stored" }).click();
    await page.waitForURL(/raw=true/);
    const { items } = await studio.get<{ items: { title: string }[] }>(`/projects/${project}/buckets`);
    for (const { title } of items.slice(0, 3)) {
      await shelf.getByRole("link", { name: title, exact: true }).click();
      await reading.getByRole("heading", { name: title }).first().waitFor();
    }
  });

  test("by keyboard alone", async () => {
    const project = await told("Library by keyboard");
    await page.goto(`${studio.url}/p/${project}`);
    await page.getByRole("main").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    const shelf = page.getByRole("navigation", { name: "What there is to read" });
    const first = await shelf.getByRole("link").first().innerText();
    await walk(page, "Tab", () => shelf.getByRole("link").first().evaluate((at) => at === document.activeElement));
    await page.keyboard.press("Enter");
    await page.waitForURL(/file=|bucket=/);
    expect(first).not.toBe("");
  });
});

describe("models", () => {
  test("a model is tested with one press, and says how it went", async () => {
    await page.goto(`${studio.url}/models`);
    const button = page.getByRole("button", { name: `Test ${model.spec}` });
    await button.click();
    await page.getByText(/answered, first word after/).waitFor();
    expect((await model.calls()).length).toBeGreaterThan(0);
    await model.script({ reply: { fault: { status: 503 } } });
    await button.click();
    await page.getByText(/No answer/).waitFor();
  });

  test("by keyboard alone: which model will answer, and which level says so", async () => {
    const project = await studio.project("Cascade");
    await studio.put("/settings/models.default", { project, value: "ollama:of-this-project" });
    await page.goto(`${studio.url}/models`);
    await walk(page, "Tab", focused(page, /^Project$/));
    await page.keyboard.type("Cascade");
    await page.getByText(/ollama:of-this-project, by the level “Project”/).waitFor();
    expect(page.url()).toContain(project);
  });
});

describe("settings", () => {
  test("a value is saved as its field is left, says where it comes from, and can be undone", async () => {
    const project = await studio.project("Settings by mouse");
    await page.goto(`${studio.url}/settings?project=${project}`);
    const field = page.getByLabel("models.fast", { exact: true });
    await field.fill("ollama:quick-one");
    await field.blur();
    const changed = await studio.event(project, "project.settings_changed");
    expect(changed.body["set"]).toEqual({ "models.fast": "ollama:quick-one" });
    const row = page.getByRole("listitem").filter({ has: field });
    await row.getByText("this project").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await studio.event(project, "project.settings_changed", 2);
    await until("no value", async () => (await field.inputValue()) === "");
  });

  test("a value that cannot be is not sent, and stays in its field with the reason", async () => {
    const project = await studio.project("Settings refused");
    await page.goto(`${studio.url}/settings?project=${project}`);
    const field = page.getByLabel("models.fast", { exact: true });
    await field.fill("not a model at all");
    await field.blur();
    await page.getByText("A model is written PROVIDER:MODEL").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    await page.reload();
    expect(await field.inputValue()).toBe("not a model at all");
    expect(await studio.events(project, "project.settings_changed")).toEqual([]);
  });

  test("by keyboard alone", async () => {
    const project = await studio.project("Settings by keyboard");
    await page.goto(`${studio.url}/settings?project=${project}`);
    await page.getByLabel("models.heavy", { exact: true }).waitFor();
    await walk(page, "Tab", focused(page, /^models\.heavy$/));
    await page.keyboard.type("ollama:slow-one");
    await page.keyboard.press("Enter");
    expect((await studio.event(project, "project.settings_changed")).body["set"]).toEqual({ "models.heavy": "ollama:slow-one" });
  });
});

describe("health and safety", () => {
  test("every check is there in words; what is missing says what to do", async () => {
    await page.goto(`${studio.url}/health-and-safety`);
    const { checks } = await studio.get<{ checks: { name: string; status: string; fix: string }[] }>("/doctor");
    const list = page.getByRole("list", { name: "Checks" });
    await list.getByRole("listitem").first().waitFor();
    expect(await list.getByRole("listitem").count()).toBe(checks.length);
    for (const { fix } of checks.filter((check) => check.status !== "ok" && check.fix !== "")) await list.getByText(fix).waitFor();
  });

  test("c54 the emergency stop pauses every run, cuts its call, and lets nothing start until it is allowed", async () => {
    const project = await studio.project("Stopped");
    await model.reset();
    const hold = await model.hold({ nth: 1 });
    const run = await studio.run(project);
    await hold.held();
    await page.goto(`${studio.url}/health-and-safety`);
    const main = page.getByRole("main");
    await main.getByRole("button", { name: "Stop everything" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop everything" }).click();
    await studio.event(project, "run.paused");
    await main.getByRole("button", { name: "Allow work again" }).waitFor();
    await expect(studio.run(project)).rejects.toThrow(/stopp/);
    await hold.release();
    await main.getByRole("button", { name: "Allow work again" }).click();
    await main.getByRole("button", { name: "Stop everything" }).waitFor();
    await studio.post(`/runs/${run}/resume`);
    await studio.event(project, "run.finished");
  });

  test("by keyboard alone: a project's record is read and compared", async () => {
    const project = await told("Verified");
    await page.goto(`${studio.url}/health-and-safety`);
    await walk(page, "Tab", focused(page, /^Project$/));
    await page.keyboard.type("Verified");
    await walk(page, "Tab", focused(page, /Read and compare/));
    await page.keyboard.press("Enter");
    await page.getByText(/Whole: [\d,]+ events/).waitFor();
    expect(project).toMatch(/^prj_/);
  });
});
