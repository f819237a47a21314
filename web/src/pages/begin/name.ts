/** The first words of an idea, without what a project's name must not have. */
export function nameFrom(idea: string): string {
  const clean = idea.normalize("NFC").replaceAll(/[\p{Cc}/\\]/gu, " ");
  const words = clean.split(/\s+/).filter(Boolean).slice(0, 6).join(" ");
  const name = Array.from(words).slice(0, 60).join("").replace(/[\p{P}\s]+$/u, "").trim();
  return name || "Story";
}
