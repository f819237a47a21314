// What the studio answers. Made from the API's own description (`npm run generate`); here only the names the page uses.

import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Page<T> = { items: T[]; next: string | null };

export type Project = Schemas["Project"];
export type ProjectCard = Schemas["OverviewProject"];
export type OpenGate = Schemas["OpenGate"];
export type ActiveRun = Schemas["OverviewRun"];
export type Fault = Schemas["RunFailure"];
export type Usage = Schemas["Usage"];
export type Check = Schemas["Check"];
export type Doctor = Schemas["Doctor"];
export type Overview = Omit<Schemas["Overview"], "health"> & {
  /** The quick checks, and whether the emergency stop is on. */
  health: Schemas["Doctor"] & { stopped?: boolean };
};
export type RunStatus = Schemas["RunStatus"];
export type RunLine = Schemas["RunLine"];
export type Run = Schemas["Run"];
export type Step = Schemas["Step"];
export type Attempt = Schemas["Attempt"];
export type Gate = Schemas["Gate"];
export type GateAction = Schemas["GateAction"];
export type Receipt = Schemas["Receipt"];
export type Candidate = Schemas["ContextLine"];
export type Input = Schemas["Input"];
export type Crews = Schemas["Crews"];
