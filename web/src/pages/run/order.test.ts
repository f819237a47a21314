import { expect, it } from "vitest";
import type { Receipt } from "@/api/types";
import { answered } from "./order";

const receipt = (id: string, call: number, more: Partial<Receipt> = {}) => ({ id, call, step: "plot", error: null, ...more }) as Receipt;

it("of each call the last answer counts, failures and other steps do not", () => {
  const receipts = [
    receipt("a", 0),
    receipt("c", 1),
    receipt("b", 0, { attempt: 2 }),
    receipt("x", 2, { error: { code: "timeout", message: "no token came" } }),
    receipt("y", 3, { step: "world" }),
  ];
  expect(answered({ receipts }, "plot").map((each) => each.id)).toEqual(["b", "c"]);
});
