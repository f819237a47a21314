export { stream as tStream } from "./en/stream";
