import { common } from "./common";
import { pages } from "./pages";
import { shell } from "./shell";

export const en = { common, pages, shell };
