export { start as tStart } from "./en/start";
