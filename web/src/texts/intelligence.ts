export { intelligence as tIntelligence } from "./en/intelligence";
