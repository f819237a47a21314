// Which steps of a run are read, and in which order they make sense.

import type { Gate, Receipt, Run, Step } from "@/api/types";

/** Steps whose output is something to read: those of agents, in the order they began. */
export function readable(run: Run): Step[] {
  return run.steps.filter((step) => step.agent !== null);
}

/** The step that is looked at: the one that is named, else the last an agent began, else the one that began last. */
export function chosenStep(run: Run, name: string | undefined): Step | undefined {
  const begun = run.steps.filter((each) => each.status !== "pending");
  return run.steps.find((each) => each.name === name) ?? begun.findLast((each) => each.agent !== null) ?? begun.at(-1);
}

/** The receipts of a step's calls that were answered: of each call the last attempt, in the order of the calls. */
export function answered(run: Pick<Run, "receipts">, step: string): Receipt[] {
  const last = new Map<number, Receipt>();
  for (const receipt of run.receipts) if (receipt.step === step && !receipt.error) last.set(receipt.call, receipt);
  return [...last.values()].toSorted((a, b) => a.call - b.call);
}

export function openGates(run: Run): Gate[] {
  return run.gates.filter((gate) => gate.status === "open");
}

export function isOver(run: Pick<Run, "status">): boolean {
  return run.status === "done" || run.status === "failed" || run.status === "cancelled";
}
