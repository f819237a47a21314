import { describe, expect, it } from "vitest";
import { clashes, find, type Command } from "./registry";

const command = (name: string, keys?: string): Command => ({ id: name, name, group: "act", run: () => {}, ...(keys && { keys }) });

describe("commands", () => {
  it("are found by the beginnings of their words, in any order", () => {
    const list = [command("Show all keys"), command("Open the log"), command("Change the theme")];
    expect(find(list, "key sh").map((each) => each.name)).toEqual(["Show all keys"]);
    expect(find(list, "th").map((each) => each.name)).toEqual(["Open the log", "Change the theme"]);
    expect(find(list, "zzz")).toEqual([]);
  });

  it("that share a key are named", () => {
    expect(clashes([command("a", "g r"), command("b", "g r"), command("c", "?")])).toEqual(["g r"]);
  });
});
