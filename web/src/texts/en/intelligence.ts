export const intelligence = {
  title: "Intelligence",
  empty: "Nobody has said anything yet. Here you will see what every agent and every person says, the moment they say it.",
  start: "Start a run",
  who: "Who",
  what: "What",
  machinery: "With the machinery",
  machineryHint: "Also shows steps, calls and receipts",
} as const;
