// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import * as pages from "./index";

type Loose = { options: { path?: string; staticData?: { title?: string; nav?: { keys: string; place: string } } } };
const all = Object.values(pages) as unknown as Loose[];

describe("pages", () => {
  it("each have a title and an address of their own", () => {
    const paths = all.map((page) => page.options.path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const page of all) expect(page.options.staticData?.title, page.options.path).toBeTruthy();
  });

  it("do not want each other's keys", () => {
    const keys = all.flatMap((page) => page.options.staticData?.nav?.keys ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(/^g [a-z]$/);
  });

  it("of a project stand below it in the menu", () => {
    for (const page of all) {
      const nav = page.options.staticData?.nav;
      if (nav) expect(nav.place, page.options.path).toBe(page.options.path?.startsWith("/p/$project") ? "project" : "studio");
    }
  });
});
