export type ButtonLook = "ink" | "plain" | "quiet" | "bad";

export const LOOKS: Record<ButtonLook, string> = {
  ink: "bg-ink text-ground border-ink hover:opacity-88",
  plain: "bg-raised text-ink border-strong hover:border-ink",
  quiet: "bg-transparent text-ink border-transparent hover:bg-ink/8",
  bad: "bg-transparent text-bad border-bad hover:bg-bad/12",
};
