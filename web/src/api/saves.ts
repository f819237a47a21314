/** The key of every write that keeps what is being typed; the strip shows how they stand. */
export const SAVES = ["save"] as const;
