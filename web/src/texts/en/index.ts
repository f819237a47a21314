import { center } from "./center";
import { common } from "./common";
import { desk } from "./desk";
import { first } from "./first";
import { health } from "./health";
import { intelligence } from "./intelligence";
import { library } from "./library";
import { log } from "./log";
import { models } from "./models";
import { runs } from "./runs";
import { settings } from "./settings";
import { shell } from "./shell";
import { start } from "./start";
import { stream } from "./stream";

export const en = { common, shell, stream, center, first, desk, runs, start, intelligence, log, library, models, settings, health };
