/** Words a name does not end with: what they lead to has been cut off. */
const LEADS_ON = /\s+(?:an?|and|as|at|by|finds|for|from|has|her|his|in|into|is|its|of|on|or|that|the|their|to|when|where|which|who|whose|with)$/i;

/** The first words of an idea, without what a project's name must not have. */
export function nameFrom(idea: string): string {
  const clean = idea.normalize("NFC").replaceAll(/[\p{Cc}/\\]/gu, " ");
  const all = clean.split(/\s+/).filter(Boolean);
  let words = all.slice(0, 6).join(" ");
  while (all.length > 6 && LEADS_ON.test(words)) words = words.replace(LEADS_ON, "");
  const name = Array.from(words).slice(0, 60).join("").replace(/[\p{P}\s]+$/u, "").trim();
  return name || "Story";
}
