// The questions the page asks, by name. A key begins with what it is about, so that an event can name what is stale.

import { queryOptions } from "@tanstack/react-query";
import { http, path } from "./http";
import type { Crews, Doctor, Input, Overview, Page, Project, Receipt, Run, RunLine } from "./types";

export const overview = () =>
  queryOptions({ queryKey: ["overview"], queryFn: ({ signal }) => http.get<Overview>("/overview", {}, signal) });

export const projects = (status: "active" | "trashed") =>
  queryOptions({ queryKey: ["projects", status], queryFn: ({ signal }) => http.get<Page<Project>>("/projects", { status }, signal) });

export const project = (id: string) =>
  queryOptions({ queryKey: ["project", id], queryFn: ({ signal }) => http.get<Project>(path`/projects/${id}`, {}, signal) });

export const runs = (project: string) =>
  queryOptions({ queryKey: ["runs", project], queryFn: ({ signal }) => http.get<Page<RunLine>>(path`/projects/${project}/runs`, { limit: 500 }, signal) });

/** A run without the texts of its receipts; those are asked for one by one. */
export const run = (id: string) =>
  queryOptions({ queryKey: ["run", id], queryFn: ({ signal }) => http.get<Run>(path`/runs/${id}`, { receipts: false }, signal) });

export const receipt = (run: string, id: string) =>
  queryOptions({ queryKey: ["receipt", run, id], queryFn: ({ signal }) => http.get<Receipt>(path`/runs/${run}/receipts/${id}`, {}, signal) });

export const crews = (project?: string) =>
  queryOptions({ queryKey: ["crews", project ?? null], queryFn: ({ signal }) => http.get<Crews>("/crews", { project }, signal) });

export const inputs = (name: string, agent: boolean, project?: string) =>
  queryOptions({
    queryKey: ["inputs", project ?? null, name, agent],
    queryFn: ({ signal }) => http.get<Record<string, Input>>(path`/inputs/${name}`, { project, agent }, signal),
  });

export const form = (project: string, name: string) =>
  queryOptions({
    queryKey: ["form", project, name],
    queryFn: ({ signal }) => http.get<{ fields: Record<string, unknown> }>(path`/projects/${project}/forms/${name}`, {}, signal),
  });

export const doctor = () => queryOptions({ queryKey: ["doctor"], queryFn: ({ signal }) => http.get<Doctor>("/doctor", {}, signal) });
