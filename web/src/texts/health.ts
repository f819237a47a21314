export { health as tHealth } from "./en/health";
