// Every page is a folder and a line here.
export { route as begin } from "./begin/route";
export { route as center } from "./center/route";
export { route as compare } from "./compare/route";
export { route as desk } from "./desk/route";
export { route as gate } from "./gate/route";
export { route as health } from "./health/route";
export { route as intelligence } from "./intelligence/route";
export { route as library } from "./library/route";
export { route as log } from "./log/route";
export { route as models } from "./models/route";
export { route as run } from "./run/route";
export { route as runs } from "./runs/route";
export { route as settings } from "./settings/route";
export { route as start } from "./start/route";
