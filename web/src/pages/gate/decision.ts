// What a decision needs before it can be sent.

import type { Decision } from "@/api/actions";
import type { Gate, GateAction } from "@/api/types";
import type { Json } from "@/bus";
import { tRuns } from "@/texts/runs";

const words = tRuns.gates;

export type Written = { text: string; model: string; mine: Json; changed: boolean };

/** Why an action cannot be taken yet; undefined where it can. */
export function whyNot(gate: Gate, action: GateAction, written: Written): string | undefined {
  if (!gate.actions.includes(action)) return words.notOffered;
  if (action === "edit" && !written.changed) return words.needsChange;
  if ((action === "chat" || action === "paste" || action === "pin") && !written.text.trim()) return words.needsText;
  if (action === "change-model" && !written.model.trim()) return words.needsModel;
  return undefined;
}

/** The action as it is sent: a text only where one belongs. */
export function decision(action: GateAction, written: Written): Decision {
  switch (action) {
    case "edit":
      return { action, text: typeof written.mine === "string" ? written.mine : JSON.stringify(written.mine) };
    case "chat":
    case "paste":
    case "pin":
      return { action, text: written.text };
    case "change-model":
      return { action, model: written.model.trim() };
    default:
      return { action };
  }
}
