import { describe, expect, it } from "vitest";
import { changes, diffWords } from "./diff";
import { leafChanges } from "./leaf-diff";
import { leavesOf, withLeaf } from "./leaves";

const VALUE = { title: "The Bell", acts: [{ name: "Call", score: 3 }], open: true };

describe("the texts of a value", () => {
  it("have names a person understands", () => {
    expect(leavesOf(VALUE).map((leaf) => leaf.label)).toEqual(["Title", "Acts 1 · Name", "Acts 1 · Score", "Open"]);
  });

  it("are changed one at a time, keeping kinds, order and everything else", () => {
    expect(withLeaf(VALUE, ["acts", 0, "name"], "Answer")).toEqual({ ...VALUE, acts: [{ name: "Answer", score: 3 }] });
    expect(withLeaf(VALUE, ["acts", 0, "score"], "7")).toEqual({ ...VALUE, acts: [{ name: "Call", score: 7 }] });
    expect(withLeaf(VALUE, ["acts", 0, "score"], "seven")).toEqual(VALUE);
    expect(Object.keys(withLeaf(VALUE, ["open"], "false") as object)).toEqual(["title", "acts", "open"]);
  });

  it("are compared one by one, and word by word", () => {
    const [change, ...more] = leafChanges(VALUE, { ...VALUE, title: "The Old Bell" });
    expect(more).toEqual([]);
    expect(change?.label).toBe("Title");
    expect(changes(diffWords(change?.before ?? "", change?.after ?? ""))).toEqual({ added: 1, removed: 0 });
  });

  it("that went away are told last", () => {
    expect(leafChanges({ a: "x", b: "y" }, { b: "z" }).map((each) => each.label)).toEqual(["B", "A"]);
  });
});
