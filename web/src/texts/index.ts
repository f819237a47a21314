import { en } from "./en";

/** The words that are everywhere. Those of one page come with it: `tRuns` from `@/texts/runs`, … A second language is
 * a second folder of these shapes. */
export const t = en;
