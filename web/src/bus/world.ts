// The hub's world in a browser.

import type { Source, World } from "./hub";

export function browserWorld(): World {
  return {
    open: (url) => new EventSource(url, { withCredentials: true }) as unknown as Source,
    probe,
    later: (ms, work) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
  };
}

async function probe(): Promise<"there" | "gone" | "locked"> {
  try {
    const answer = await fetch("/api/v1/projects?limit=1", { credentials: "same-origin" });
    return answer.status === 401 || answer.status === 403 ? "locked" : "there";
  } catch {
    return "gone";
  }
}
