// @vitest-environment node
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const assets = join(import.meta.dirname, "../dist/assets");
const page = join(import.meta.dirname, "../dist/index.html");

const packed = (file: string) => gzipSync(readFileSync(join(assets, file))).length;

describe.skipIf(!existsSync(page))("the built page", () => {
  const html = existsSync(page) ? readFileSync(page, "utf8") : "";

  it("starts with at most 135 kB of script, gzipped", () => {
    const first = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(([, file]) => file ?? "");
    expect(first.length).toBeGreaterThan(0);
    const bytes = first.reduce((sum, file) => sum + packed(file), 0);
    expect(bytes).toBeLessThanOrEqual(135_000);
  });

  it("has no chunk above 160 kB, gzipped", () => {
    for (const file of readdirSync(assets).filter((name) => name.endsWith(".js"))) expect(packed(file), file).toBeLessThanOrEqual(160_000);
  });

  it("carries no inline script or style", () => {
    expect(html).not.toMatch(/<script(?![^>]*src=)/);
    expect(html).not.toMatch(/<style|style="/);
  });
});
