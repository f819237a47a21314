export { Bus, type Change } from "./bus";
export { BusContext, useBus, useConnection, useFlight, useFlights, useProjectLog, useWatch, useWhyNot } from "./hooks";
export type { Flight } from "./flights";
export { makeBus } from "./mount";
export { PartialJson, parsePartial, spoken, type Json } from "./partial-json";
export type { Connection, Envelope } from "./wire";
