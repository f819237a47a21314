import { expect, it } from "vitest";
import { Problem } from "@/api/problem";
import type { Project } from "@/api/types";
import { projectNamed } from "./begin";

const made = (name: string) => ({ id: name, name }) as Project;

it("a name that is taken gets the next free number", async () => {
  const taken = new Set(["Salt", "Salt 2"]);
  const create = async (name: string) => {
    if (taken.has(name)) throw new Problem("name_taken", 409, "taken");
    return made(name);
  };
  await expect(projectNamed("Salt", create)).resolves.toMatchObject({ name: "Salt 3" });
});

it("another refusal is told and not tried again", async () => {
  let tries = 0;
  const create = async () => {
    tries += 1;
    throw new Problem("disk_full", 500, "the disk is full");
  };
  await expect(projectNamed("Salt", create)).rejects.toMatchObject({ code: "disk_full" });
  expect(tries).toBe(1);
});
