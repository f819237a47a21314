export { log as tLog } from "./en/log";
