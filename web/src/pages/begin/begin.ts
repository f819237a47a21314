// From a sentence to a run: the project, then the run. Where only the second fails, the project is kept and used again.

import { createProject, startRun } from "@/api/actions";
import { Problem } from "@/api/problem";
import type { Project } from "@/api/types";

const TRIES = 50;

/** A project of that name, or of the next free one. */
export async function projectNamed(name: string, create: (name: string) => Promise<Project> = createProject): Promise<Project> {
  for (let n = 1; ; n += 1) {
    try {
      return await create(n === 1 ? name : `${name} ${n}`);
    } catch (error) {
      if (Problem.of(error).status !== 409 || n >= TRIES) throw error;
    }
  }
}

export type Begun = { project: string; run: string };

let half: { name: string; project: Project } | undefined;

export async function begin(name: string, inputs: Record<string, unknown>): Promise<Begun> {
  if (half?.name !== name) half = { name, project: await projectNamed(name) };
  const { id } = half.project;
  const run = await startRun(id, { workflow: "story-bible", inputs });
  half = undefined;
  return { project: id, run: run.id };
}
