export { desk as tDesk } from "./en/desk";
