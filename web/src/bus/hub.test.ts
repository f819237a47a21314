import { expect, test } from "vitest";

import { Hub, type Source, type World } from "./hub";
import { event } from "./test-events";
import type { Connection, Notice, ToTab } from "./wire";

class FakeSource implements Source {
  closed = false;
  readonly #listeners = new Map<string, ((event: { data?: string }) => void)[]>();

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: { data?: string }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  close(): void {
    this.closed = true;
  }
  fire(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(data === undefined ? {} : { data: JSON.stringify(data) });
  }
}

/** A world whose time passes when it is told to. */
function world() {
  const sources: FakeSource[] = [];
  let timers: { at: number; work: () => void }[] = [];
  let now = 0;
  let found: "there" | "gone" | "locked" = "gone";
  const it: World = {
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    probe: () => Promise.resolve(found),
    later: (ms, work) => {
      const timer = { at: now + ms, work };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
    now: () => now,
  };
  const pass = (ms: number) => {
    now += ms;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.filter((timer) => timer.at > now);
    for (const timer of due) timer.work();
  };
  return { it, sources, pass, last: () => sources.at(-1) as FakeSource, open: () => sources.filter((s) => !s.closed), lock: () => void (found = "locked") };
}

function tab(hub: Hub, id: string, watch: string[]) {
  const heard: ToTab[] = [];
  hub.join(id, { post: (message) => void heard.push(message) });
  hub.hear(id, { type: "hello", tab: id, watch });
  const connection = () => heard.filter((m) => m.type === "connection").at(-1)?.connection as Connection;
  const items = () => heard.flatMap((m) => (m.type === "items" ? m.items : []));
  return { heard, connection, items };
}

const calling: Notice = { notice: "calling", project: "prj_1", run: "run_1", path: "plot", attempt: 1, agent: "plot-architect", model: "m" };

test("nine tabs share one stream", () => {
  const w = world();
  const hub = new Hub(w.it);
  for (let n = 0; n < 9; n += 1) tab(hub, `tab${n}`, ["prj_1"]);
  w.last().fire("open");
  expect(w.open()).toHaveLength(1);
});

test("watching one more project loses nothing: the old stream is read on for a moment beside the new one", () => {
  const w = world();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  const [first] = w.sources;
  tab(hub, "two", ["prj_2"]);
  expect(w.last().url).toBe("/api/v1/stream?watch=prj_1&watch=prj_2");
  first?.fire("event", event(1));
  w.last().fire("open");
  first?.fire("event", event(2));
  first?.fire("notice", calling);
  w.pass(1_000);
  expect(first?.closed).toBe(true);
  expect(one.items().map((item) => item.type)).toEqual(["event", "event"]);
  expect(one.heard.filter((m) => m.type === "opened")).toHaveLength(1);
});

test("a tab hears the whole of what it watches and only the outline of the rest", () => {
  const w = world();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  const two = tab(hub, "two", ["prj_2"]);
  w.last().fire("open");
  w.last().fire("event", event(7, { body: { secret: 1 } }));
  w.last().fire("notice", calling);
  w.pass(16);
  expect(one.items().map((i) => i.type)).toEqual(["event", "notice"]);
  expect(two.items()).toEqual([{ type: "elsewhere", event: { project: "prj_1", seq: 7, kind: "step.finished", correlation: null } }]);
});

test("a tab that comes late is told what is being said, from the beginning", () => {
  const w = world();
  const hub = new Hub(w.it);
  tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  w.last().fire("notice", calling);
  w.last().fire("notice", { ...calling, notice: "delta", text: '{"title":' });
  w.last().fire("notice", { ...calling, notice: "delta", text: '"Salt' });
  const late = tab(hub, "late", ["prj_1"]);
  const told = late.heard.find((m) => m.type === "flights");
  expect(told).toMatchObject({ project: "prj_1", flights: [{ notice: "calling", text: '{"title":"Salt' }] });
});

test("a broken stream is tried again, ever more slowly, and called offline after a while", () => {
  const w = world();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  expect(one.connection().state).toBe("live");
  w.pass(1_000);
  w.last().fire("error");
  expect(one.connection()).toMatchObject({ state: "reconnecting", at: 1_000, tries: 1 });
  for (const wait of [250, 500, 1_000]) {
    w.pass(wait);
    w.last().fire("error");
  }
  expect(one.connection()).toMatchObject({ state: "offline", at: 1_000, tries: 4 });
  w.pass(2_000);
  w.last().fire("open");
  expect(one.connection().state).toBe("live");
  expect(w.open()).toHaveLength(1);
});

test("when a page comes back to the front it does not wait for the next try", () => {
  const w = world();
  const hub = new Hub(w.it);
  tab(hub, "one", ["prj_1"]);
  w.last().fire("error");
  const before = w.sources.length;
  hub.hear("one", { type: "wake" });
  expect(w.sources.length).toBe(before + 1);
});

test("a token that is no longer good is said in its own word", async () => {
  const w = world();
  w.lock();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  w.last().fire("error");
  await Promise.resolve();
  expect(one.connection().state).toBe("locked");
});

test("a slow reader that is told to resync gets the texts under way anew", () => {
  const w = world();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  w.last().fire("notice", { ...calling, text: "half" });
  w.last().fire("resync", { seq: 9 });
  w.last().fire("open");
  w.last().fire("notice", { ...calling, text: "half and more" });
  w.pass(16);
  expect(one.heard.filter((m) => m.type === "opened")).toHaveLength(2);
  expect(one.items().at(-1)).toMatchObject({ notice: { text: "half and more" } });
});

test("what cannot be read does not stop what follows", () => {
  const w = world();
  const hub = new Hub(w.it);
  const one = tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  const source = w.last();
  source.addEventListener("event", () => {});
  (source as unknown as { fire(type: string, data?: unknown): void }).fire("event");
  source.fire("event", event(1));
  w.pass(16);
  expect(one.items()).toHaveLength(1);
});

test("when the last tab has gone the connection is given back", () => {
  const w = world();
  const hub = new Hub(w.it);
  tab(hub, "one", ["prj_1"]);
  w.last().fire("open");
  hub.leave("one");
  expect(w.open()).toHaveLength(0);
  tab(hub, "two", ["prj_1"]);
  expect(w.open()).toHaveLength(1);
});
