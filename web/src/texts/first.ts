export { first as tFirst } from "./en/first";
