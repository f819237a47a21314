export const desk = {
  title: "Desk",
  empty: "This project is empty. Begin with one sentence.",
  newest: "The newest run",
  open: "Open the run",
  gone: "There is no such project",
  goneHint: "It may have been deleted. Deleted projects are in the trash of the command center for 30 days.",
} as const;
