import { common } from "./common";
import { center } from "./center";
import { first } from "./first";
import { runs } from "./runs";
import { shell } from "./shell";

export const en = { common, shell, center, first, runs };
