import { common } from "./common";
import { center } from "./center";
import { first } from "./first";
import { health } from "./health";
import { intelligence } from "./intelligence";
import { library } from "./library";
import { log } from "./log";
import { models } from "./models";
import { runs } from "./runs";
import { settings } from "./settings";
import { shell } from "./shell";
import { stream } from "./stream";

export const en = { common, shell, stream, center, first, runs, intelligence, log, library, models, settings, health };
