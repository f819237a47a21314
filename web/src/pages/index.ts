// Every page is a folder and a line here.
export { route as center } from "./center/route";
export { route as health } from "./health/route";
export { route as intelligence } from "./intelligence/route";
export { route as library } from "./library/route";
export { route as log } from "./log/route";
export { route as models } from "./models/route";
export { route as settings } from "./settings/route";
