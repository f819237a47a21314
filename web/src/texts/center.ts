export { center as tCenter } from "./en/center";
