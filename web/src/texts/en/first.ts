export const first = { title: "Begin" } as const;
