import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import * as queries from "@/api/queries";
import type { Run, Step } from "@/api/types";
import { parsePartial, useFlight, type Json, type PartialJson } from "@/bus";
import { answered } from "./order";

export type Growing = {
  /** What the step has given so far: one piece, or one for each of its calls. */
  pieces: { key: string; value: Json; version?: number; growing: boolean }[];
  speaking: boolean;
};

/**
 * What a step has given: its output, or, while it works, the answers of its finished calls and the one under way. Small
 * models are asked in several short calls; each of them is a piece of the whole.
 */
export function useGrowing(run: Run, step: Step): Growing {
  const done = step.output !== null && step.output !== undefined;
  const flight = useFlight(run.project, run.id, step.name);
  const finished = done ? [] : answered(run, step.name);
  const answers = useQueries({ queries: finished.map((receipt) => queries.receipt(run.id, receipt.id)), combine: texts });
  // Between a call's last word and its receipt, what was heard is still shown.
  const [heard, setHeard] = useState<{ json: PartialJson; after: number }>();
  const n = finished.length;
  const speaking = !done && flight !== undefined && !flight.ended;
  if (flight && heard?.json !== flight.json) setHeard({ json: flight.json, after: n });

  if (done) return { pieces: [{ key: "output", value: step.output as Json, growing: false }], speaking: false };
  const pieces: Growing["pieces"] = answers.flatMap((text, at) => {
    const value = text ? parsePartial(text) : undefined;
    return value === undefined ? [] : [{ key: finished[at]?.id ?? String(at), value, growing: false }];
  });
  const json = flight?.json ?? (heard && heard.after >= pieces.length ? heard.json : undefined);
  if (json?.value !== undefined) pieces.push({ key: "flight", value: json.value, version: json.version, growing: true });
  return { pieces, speaking };
}

function texts(results: { data?: { output?: string | null } | undefined }[]): (string | null | undefined)[] {
  return results.map((result) => result.data?.output);
}
