import { en } from "./en";

/** Every word on the page. A second language is a second object of this shape. */
export const t = en;
