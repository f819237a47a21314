import { classes } from "./classes";
import { agentName, monogram, VOICE_BORDER, VOICE_TEXT, VOICE_TINT, voiceOf } from "./voice";

/** The monogram of an agent, or of the person, who has no colour: ink is theirs. */
export function Avatar({ agent, speaking, large }: { agent: string | null; speaking?: boolean; large?: boolean }) {
  const size = large ? "size-8 text-1" : "size-6 text-0";
  if (!agent) return <span aria-hidden className={classes(size, "inline-grid shrink-0 place-items-center rounded-full border border-strong font-semibold")}>Y</span>;
  const voice = voiceOf(agent);
  return (
    <span
      aria-hidden
      className={classes(
        size,
        "inline-grid shrink-0 place-items-center rounded-full border font-semibold",
        VOICE_TEXT[voice],
        VOICE_TINT[voice],
        speaking ? VOICE_BORDER[voice] : "border-transparent",
      )}
    >
      {monogram(agent)}
    </span>
  );
}

/** Avatar and name: colour is never the only sign of who. */
export function Agent({ agent, name, speaking }: { agent: string; name?: string; speaking?: boolean }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2">
      <Avatar agent={agent} {...(speaking !== undefined && { speaking })} />
      <span className="truncate font-medium">{name ?? agentName(agent)}</span>
    </span>
  );
}
