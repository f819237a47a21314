import { expect, test, vi } from "vitest";

import { Bus } from "./bus";
import { event } from "./test-events";
import type { FromTab, Notice, ToTab } from "./wire";

function bus() {
  let frame: (() => void)[] = [];
  let say: (message: ToTab) => void = () => {};
  const sent: FromTab[] = [];
  const fetchEvents = vi.fn(async () => ({ items: [], more: false }));
  const it = new Bus({
    fetchEvents,
    frame: (work) => void frame.push(work),
    connect: (_tab, hear) => {
      say = hear;
      return { send: (message) => void sent.push(message) };
    },
  });
  const draw = () => {
    const due = frame;
    frame = [];
    for (const work of due) work();
  };
  return { it, sent, fetchEvents, draw, say: (message: ToTab) => say(message) };
}

const calling: Notice = { notice: "calling", project: "prj_1", run: "run_1", path: "plot", attempt: 1, agent: "a", model: "m" };

test("a hundred events in one frame are one word to React", async () => {
  const { it, say, draw } = bus();
  await it.log("prj_1").load();
  draw();
  const reader = vi.fn();
  it.subscribe(reader);
  for (let seq = 1; seq <= 100; seq += 1) say({ type: "items", items: [{ type: "event", event: event(seq) }] });
  draw();
  expect(it.log("prj_1").rows).toHaveLength(100);
  expect(reader).toHaveBeenCalledTimes(1);
});

test("when the stream was opened anew the log of what is looked at is asked for the rest", async () => {
  const { it, say, fetchEvents } = bus();
  await it.log("prj_1").load();
  await it.log("prj_2").load();
  it.watch("prj_1");
  await it.log("prj_1").catchUp();
  await new Promise((done) => setTimeout(done, 0));
  fetchEvents.mockClear();
  say({ type: "opened" });
  expect(fetchEvents.mock.calls).toEqual([["prj_1", { since: 0, limit: 1_000 }]]);
});

test("two places that watch the same project are one watch", () => {
  const { it, sent } = bus();
  const first = it.watch("prj_1");
  const second = it.watch("prj_1");
  first();
  expect(sent.filter((m) => m.type === "watch")).toEqual([{ type: "watch", watch: ["prj_1"] }]);
  second();
  expect(sent.at(-1)).toEqual({ type: "watch", watch: [] });
});

test("an answer grows from its pieces, and is over when its event is there", () => {
  const { it, say } = bus();
  const flights = it.flights("prj_1");
  const told = (notice: Notice) => say({ type: "items", items: [{ type: "notice", notice }] });
  told(calling);
  told({ ...calling, notice: "delta", text: '{"title": "The Sa' });
  expect(flights.list[0]?.json.value).toEqual({ title: "The Sa" });
  told({ ...calling, notice: "delta", text: 'lt Road"}' });
  told({ ...calling, notice: "ended" });
  expect(flights.list[0]).toMatchObject({ ended: true, text: '{"title": "The Salt Road"}' });
  const finished = event(9, { kind: "attempt.finished", correlation: "run_1", body: { path: "plot", attempt: 1 } });
  say({ type: "items", items: [{ type: "event", event: finished }] });
  expect(flights.list).toHaveLength(0);
});

test("a run that rests has nothing under way", () => {
  const { it, say } = bus();
  say({ type: "items", items: [{ type: "notice", notice: calling }] });
  say({ type: "items", items: [{ type: "event", event: event(9, { kind: "run.paused", correlation: "run_1" }) }] });
  expect(it.flights("prj_1").list).toHaveLength(0);
});

test("a project that was reset is forgotten and loaded anew when it is looked at", async () => {
  const { it, say } = bus();
  const log = it.log("prj_1");
  await log.load();
  say({ type: "items", items: [{ type: "event", event: event(1) }] });
  say({ type: "items", items: [{ type: "studio", change: { kind: "project_reset", project: "prj_1" } }] });
  expect([log.rows.length, log.status.state]).toEqual([0, "loading"]);
});
