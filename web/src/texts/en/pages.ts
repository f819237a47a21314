/** What pages are called, in the menu and as the window's title. The rest of a page's words come with the page. */
export const pages = {
  begin: "Begin",
  center: "Command center",
  compare: "Two runs",
  desk: "Desk",
  gate: "Decision",
  health: "Health and safety",
  intelligence: "Intelligence",
  library: "Library",
  log: "Log",
  models: "Models",
  run: "Run",
  runs: "Runs",
  settings: "Settings",
  start: "Start",
} as const;
