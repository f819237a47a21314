// Where the built programs are. `cargo xtask test` names them; by hand they are found in the target folder.

import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");
const PLACES = { atelier: "debug/atelier", scripted_model: "debug/examples/scripted_model" } as const;
const NAMES = { atelier: "ATELIER_BINARY", scripted_model: "ATELIER_SCRIPTED_MODEL", chromium: "ATELIER_CHROMIUM" } as const;

export function program(name: keyof typeof PLACES): string {
  const given = process.env[NAMES[name]];
  if (given) return given;
  return join(process.env["CARGO_TARGET_DIR"] ?? join(ROOT, "target"), PLACES[name]);
}

export function chromium(): string {
  const found = [process.env[NAMES.chromium], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    (each) => each !== undefined && existsSync(each),
  );
  if (!found) throw new Error("no chromium is here; install it (Debian: `sudo apt-get install chromium`) or name it in ATELIER_CHROMIUM");
  return found;
}

/** Where pictures go: outside of git. */
export const ARTIFACTS = process.env["ATELIER_ARTIFACTS"] ?? join(ROOT, "target/browser");
