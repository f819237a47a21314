import { expect, it } from "vitest";
import type { Gate } from "@/api/types";
import { decision, whyNot, type Written } from "./decision";

const gate = { actions: ["approve", "edit", "chat", "paste", "pin", "change-model"] } as Gate;
const nothing: Written = { text: " ", model: "", mine: { title: "A" }, changed: false };

it("an action waits for what it needs, and says what", () => {
  for (const action of ["edit", "chat", "paste", "pin", "change-model", "reject"] as const) expect(whyNot(gate, action, nothing), action).toBeTruthy();
  expect(whyNot(gate, "approve", nothing)).toBeUndefined();
  expect(whyNot(gate, "chat", { ...nothing, text: "darker" })).toBeUndefined();
});

it("an edited value is sent as the document it was, a text as the text", () => {
  expect(decision("edit", nothing)).toEqual({ action: "edit", text: '{"title":"A"}' });
  expect(decision("edit", { ...nothing, mine: "plain" })).toEqual({ action: "edit", text: "plain" });
  expect(decision("pin", { ...nothing, text: "She is old." })).toEqual({ action: "pin", text: "She is old." });
  expect(decision("approve", { ...nothing, text: "x" })).toEqual({ action: "approve" });
});
