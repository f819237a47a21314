// Every page is a folder and a line here.
export { route as center } from "./center/route";
