import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  Hand,
  Hourglass,
  Minus,
  Pause,
  TriangleAlert,
  X,
  type LucideIcon,
} from "lucide-react";
import { classes } from "./classes";

export type Tone = "plain" | "work" | "ok" | "warn" | "bad";

const TONES: Record<Tone, string> = { plain: "text-muted", work: "text-ink", ok: "text-ok", warn: "text-warn", bad: "text-bad" };

/** How something stands: an icon and a word, because colour alone says nothing to many. */
export type Standing = { word: string; tone: Tone; icon: LucideIcon };

const STANDINGS: Record<string, Standing> = {
  running: { word: "working", tone: "work", icon: CircleDot },
  waiting: { word: "waits for you", tone: "warn", icon: Hand },
  queued: { word: "waits for a machine", tone: "plain", icon: Hourglass },
  paused: { word: "paused", tone: "plain", icon: Pause },
  pending: { word: "to come", tone: "plain", icon: CircleDashed },
  done: { word: "finished", tone: "ok", icon: Check },
  failed: { word: "failed", tone: "bad", icon: X },
  cancelled: { word: "cancelled", tone: "plain", icon: Ban },
  skipped: { word: "skipped", tone: "plain", icon: Minus },
  interrupted: { word: "cut off", tone: "warn", icon: TriangleAlert },
  ok: { word: "fine", tone: "ok", icon: Check },
  warn: { word: "look at this", tone: "warn", icon: TriangleAlert },
  missing: { word: "missing", tone: "bad", icon: X },
};

/** The standing of a status of the API; a status this page does not know is shown as it is. */
export function standing(status: string): Standing {
  return STANDINGS[status] ?? { word: status.replaceAll("_", " "), tone: "plain", icon: CircleDashed };
}

export function State({ status, word, quiet, className }: { status: string; word?: string; quiet?: boolean; className?: string }) {
  const { word: usual, tone, icon: Icon } = standing(status);
  return (
    <span className={classes("inline-flex items-center gap-1.5 whitespace-nowrap", TONES[tone], className)}>
      <Icon size={14} aria-hidden className="shrink-0" />
      <span className={quiet ? "sr-only" : undefined}>{word ?? usual}</span>
    </span>
  );
}

/** A small count or word in a frame. */
export function Pill({ children, tone = "plain" }: { children: React.ReactNode; tone?: Tone }) {
  return (
    <span className={classes("inline-flex h-5 items-center rounded-full border border-line px-2 text-0 whitespace-nowrap", TONES[tone])}>{children}</span>
  );
}
