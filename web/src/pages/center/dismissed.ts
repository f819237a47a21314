// Failed runs that a person has seen and put away. Kept in this browser: it is about looking, not about the run.

import { useMemo } from "react";
import { draft, keep } from "@/drafts/drafts";
import { useDraft } from "@/drafts/useDraft";

const NAME = "center.dismissed";
const AT_MOST = 500;

const read = (text: string) => text.split(" ").filter(Boolean);

export function useDismissed(): ReadonlySet<string> {
  const [text] = useDraft(NAME);
  return useMemo(() => new Set(read(text)), [text]);
}

export function dismiss(key: string): void {
  keep(NAME, [...read(draft(NAME)), key].slice(-AT_MOST).join(" "));
}

export function bringBack(key: string): void {
  keep(
    NAME,
    read(draft(NAME))
      .filter((each) => each !== key)
      .join(" "),
  );
}
