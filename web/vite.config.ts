import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where a development server finds the studio, which takes writes only from its own origin. The built page is served by
// the studio itself.
const studio = process.env.ATELIER_URL ?? "http://127.0.0.1:4400";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2023",
    // A font or worker inside the page would need `data:` in its content security policy.
    assetsInlineLimit: 0,
    // Bundle sizes are a test's business, see src/budget.test.ts.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // What every page needs comes in two files instead of fifteen: the libraries, which change rarely, and ours.
        advancedChunks: {
          groups: [
            { name: "base", test: /node_modules\/(react|react-dom|scheduler|use-sync-external-store|@tanstack\/[\w-]+)\// },
            { name: "ours", test: /src\/(kit|api|commands|shell\/(?!Palette|Keys)|bus\/(?!hub|world|worker)|texts\/(index|en\/(index|common|shell|pages)))/ },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/api", "/health", "/errors"].map((path) => [path, { target: studio, changeOrigin: true, headers: { origin: studio } }]),
    ),
  },
  // A test that needs a document says so in its first line.
  test: { environment: "node", setupFiles: ["src/test/setup.ts"], include: ["src/**/*.test.{ts,tsx}"] },
});
