/** Who speaks, as colour and monogram. Five families; with more agents than five the colour is the family's. */

export type Voice = "luna" | "frame" | "saga" | "pixel" | "lens";

const FAMILIES: Record<Voice, string[]> = {
  luna: ["luna", "prompt-composer", "brainstorm"],
  frame: ["frame", "worldbuilder"],
  saga: ["saga", "plot-architect", "character", "scene-generator", "translator"],
  pixel: ["pixel", "producer", "research", "memory-keeper", "schema-wizard", "pipeline-director", "project-manager", "code-generator", "ui-designer"],
  lens: ["lens", "creative-director", "continuity", "editor", "style-enforcer", "test-writer", "debugger"],
};

const VOICES = Object.keys(FAMILIES) as Voice[];
const KNOWN = new Map(VOICES.flatMap((voice) => FAMILIES[voice].map((agent) => [agent, voice] as const)));

/** The family of an agent. An agent nobody knows gets one by its name, always the same. */
export function voiceOf(agent: string): Voice {
  const known = KNOWN.get(agent);
  if (known) return known;
  let sum = 0;
  for (const char of agent) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return VOICES[sum % VOICES.length] ?? "pixel";
}

/** `plot-architect` → `Plot architect`. */
export function agentName(agent: string): string {
  const words = agent.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `story-bible` → `Story bible`. */
export const workflowName = agentName;

/** `plot-architect` → `PA`, `luna` → `Lu`. */
export function monogram(agent: string): string {
  const [first = "", second] = agent.split("-");
  const letters = second ? first.charAt(0) + second.charAt(0).toUpperCase() : first.slice(0, 2);
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}

export const VOICE_TEXT: Record<Voice, string> = {
  luna: "text-luna",
  frame: "text-frame",
  saga: "text-saga",
  pixel: "text-pixel",
  lens: "text-lens",
};

export const VOICE_TINT: Record<Voice, string> = {
  luna: "bg-luna/14",
  frame: "bg-frame/14",
  saga: "bg-saga/14",
  pixel: "bg-pixel/14",
  lens: "bg-lens/14",
};

export const VOICE_BORDER: Record<Voice, string> = {
  luna: "border-luna",
  frame: "border-frame",
  saga: "border-saga",
  pixel: "border-pixel",
  lens: "border-lens",
};
