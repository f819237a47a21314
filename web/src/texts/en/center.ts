export const center = { title: "Command center" } as const;
