import { expect, it } from "vitest";
import { nameFrom } from "./name";

it("a name is the first words without what names must not have", () => {
  expect(nameFrom("A lighthouse keeper hears the sea speak.")).toBe("A lighthouse keeper hears the sea");
  expect(nameFrom("A lighthouse keeper finds that the sea answers.")).toBe("A lighthouse keeper");
  expect(nameFrom("Who is it with")).toBe("Who is it with");
  expect(nameFrom("../etc\\x\u0007y")).toBe(".. etc x y");
  expect(nameFrom("…/")).toBe("Story");
  expect(nameFrom("🦑")).toBe("🦑");
  expect(Array.from(nameFrom("é".repeat(300)))).toHaveLength(60);
});
