export { runs as tRuns } from "./en/runs";
