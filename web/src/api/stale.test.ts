import { expect, test } from "vitest";

import { staleBy } from "./stale";

const about = (kind: string) =>
  staleBy({ type: "event", event: { project: "prj_1", seq: 1, kind, correlation: "run_1" } }).map((key) => key.join(" "));

test("an event names what is stale, and nothing else", () => {
  expect(about("gate.opened")).toEqual(["overview", "runs prj_1", "outputs prj_1", "run run_1"]);
  expect(about("bucket.created")).toEqual(["overview", "buckets prj_1"]);
  expect(about("receipt.recorded")).toEqual(["run run_1", "usage"]);
  expect(about("message.sent")).toEqual(["run run_1"]);
});

test("after the stream was opened anew everything may be stale", () => {
  expect(staleBy({ type: "opened" })).toEqual([[]]);
});
