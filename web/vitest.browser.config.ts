import { defineConfig } from "vitest/config";

// The page in a real Chromium against the real binary. One file after the other: the machine is shared.
export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/**/*.browser.ts"],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ["default"],
  },
});
