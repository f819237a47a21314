import { expect, test, vi } from "vitest";

import { ProjectLog, type Fetch } from "./project-log";
import { event } from "./test-events";

/** A log on a server: pages as the API gives them, and how often it was asked. */
function server(n: number, epoch = "a") {
  const events = Array.from({ length: n }, (_, i) => event(i + 1, { id: `evt_${epoch}${i + 1}` }));
  const fetch = vi.fn<Fetch>(async ({ since, before, limit }) => {
    const found = events.filter((e) => (before === undefined ? e.seq > (since ?? 0) : e.seq < before));
    return { items: before === undefined ? found.slice(0, limit) : found.slice(-limit), more: found.length > limit };
  });
  return { events, fetch };
}

const seqs = (log: ProjectLog) => log.rows.map((row) => row.seq);
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i);
const settled = () => new Promise((done) => setTimeout(done, 0));

test("the newest page comes first and the past page by page", async () => {
  const { fetch } = server(2_500);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  expect([log.first, log.last, log.complete]).toEqual([1_501, 2_500, false]);
  expect(await log.older()).toBe(true);
  expect(await log.older()).toBe(false);
  expect(seqs(log)).toEqual(upTo(2_500));
  expect(log.complete).toBe(true);
  expect(fetch).toHaveBeenCalledTimes(3);
});

test("events that come twice, late or early end up once and in order", async () => {
  const { events, fetch } = server(3);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  log.take([event(5), event(4), event(4), event(2)]);
  expect(seqs(log)).toEqual([1, 2, 3, 4, 5]);
  expect(events).toHaveLength(3);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("a gap is asked for, and filled from the log", async () => {
  const { events, fetch } = server(3);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  for (const seq of [4, 5, 6, 7]) events.push(event(seq, { id: `evt_a${seq}` }));
  log.take([event(7, { id: "evt_a7" })]);
  expect(seqs(log)).toEqual([1, 2, 3]);
  await settled();
  expect(seqs(log)).toEqual(upTo(7));
});

test("what arrives while the log is loaded is not lost", async () => {
  const { events, fetch } = server(2);
  const log = new ProjectLog(fetch, () => {});
  const loading = log.load();
  for (const seq of [3, 4]) {
    events.push(event(seq));
    log.take([event(seq)]);
  }
  await loading;
  await settled();
  expect(seqs(log)).toEqual([1, 2, 3, 4]);
});

test("a long absence is caught up in pages", async () => {
  const { events, fetch } = server(10);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  for (let seq = 11; seq <= 3_200; seq += 1) events.push(event(seq, { id: `evt_a${seq}` }));
  await log.catchUp();
  expect(seqs(log)).toEqual(upTo(3_200));
});

test("a project that was reset is read from the beginning", async () => {
  const old = server(10, "old");
  const fresh = server(4, "new");
  let now = old;
  const log = new ProjectLog((query) => now.fetch(query), () => {});
  await log.load();
  now = fresh;
  await log.catchUp();
  await settled();
  expect(log.rows.map((row) => row.id)).toEqual(["evt_new1", "evt_new2", "evt_new3", "evt_new4"]);
});

test("a failed question leaves the rows readable and the next one goes on", async () => {
  const { events, fetch } = server(3);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  fetch.mockRejectedValueOnce(new TypeError("no connection"));
  await log.catchUp();
  expect(log.status.state).toBe("ready");
  expect(seqs(log)).toEqual([1, 2, 3]);
  events.push(event(4, { id: "evt_a4" }));
  await log.catchUp();
  expect(log.last).toBe(4);
});

test("a project whose log cannot be read says so", async () => {
  const log = new ProjectLog(() => Promise.reject(new Error("not found")), () => {});
  await log.load();
  expect(log.status.state).toBe("error");
});

test("who was given a message is known from the receipts, each agent of a run once", async () => {
  const { fetch } = server(1);
  const log = new ProjectLog(fetch, () => {});
  await log.load();
  const receipt = (seq: number, agent: string) =>
    event(seq, {
      kind: "receipt.recorded",
      actor: { kind: "agent", id: agent },
      correlation: "run_1",
      body: { path: "world", feedback: ["evt_said"] },
    });
  log.take([receipt(2, "worldbuilder"), receipt(3, "worldbuilder"), receipt(4, "character")]);
  expect(log.heard.get("evt_said")?.map((h) => [h.agent, h.seq])).toEqual([["worldbuilder", 2], ["character", 4]]);
});
