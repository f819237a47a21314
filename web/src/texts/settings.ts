export { settings as tSettings } from "./en/settings";
