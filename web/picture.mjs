// Makes docs/images/studio.png: the real studio on an empty folder, with the embedded model at work. By hand, after what
// is seen has changed: `ATELIER_BINARY=…/atelier npm run picture`.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "..");
const IMAGES = join(ROOT, "docs/images");
const BINARY = process.env.ATELIER_BINARY ?? join(ROOT, "target/release/atelier");
const BROWSER = process.env.ATELIER_CHROMIUM ?? "/usr/bin/chromium";
const IDEA = "A lighthouse keeper finds that the sea has begun to answer her.";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"];

const data = await mkdtemp(join(tmpdir(), "atelier-picture-"));
const studio = spawn(BINARY, ["--data", data, "--json", "serve", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
const ended = new Promise((done) => studio.once("exit", done));
const browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS });
try {
  const url = await new Promise((found, failed) => {
    createInterface({ input: studio.stdout }).once("line", (line) => found(JSON.parse(line).listen));
    studio.once("error", failed);
    studio.once("exit", () => failed(new Error("the studio ended before it answered")));
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark", reducedMotion: "reduce" });
  page.setDefaultTimeout(300_000);
  await page.goto(`${url}/begin`);
  await page.getByRole("textbox").first().fill(IDEA);
  await page.keyboard.press("Enter");
  // The plot stands, the world and the people are being found.
  await page.getByRole("region", { name: "Character" }).getByText("is writing").waitFor();
  await page.locator("#main").evaluate((main) => main.scrollTo(0, 0));
  await page.evaluate(() => document.fonts.ready);
  await mkdir(IMAGES, { recursive: true });
  await page.screenshot({ path: join(IMAGES, "studio.png") });
} finally {
  await browser.close();
  studio.kill("SIGTERM");
  await ended;
  await rm(data, { recursive: true, force: true });
}
