import { RotateCcw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Problem } from "@/api/problem";
import { t } from "@/texts";
import { Button } from "./Button";
import { Words } from "./Words";

/** Nothing here yet: one sentence of what will be here, one action, no picture. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex max-w-measure flex-col items-start gap-3 py-6 text-2 text-muted">
      <p>{children}</p>
      {action}
    </div>
  );
}

/** First load only, in the shape of what comes. */
export function Loading({ what, rows = 4 }: { what: string; rows?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3 py-2">
      <span className="sr-only">{t.common.reading(what)}</span>
      {Array.from({ length: rows }, (_, n) => (
        <div key={n} aria-hidden className="h-5 rounded-control bg-ink/6" style={{ width: `${[92, 78, 85, 64][n % 4]}%` }} />
      ))}
    </div>
  );
}

/** What happened, what is safe, what to do; details folded. */
export function Failed({ error, retry, safe, children }: { error: unknown; retry?: (() => void) | undefined; safe?: string; children?: ReactNode }) {
  const problem = Problem.of(error);
  return (
    <div role="alert" className="flex max-w-measure gap-3 rounded-control border border-bad/60 p-3">
      <TriangleAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-bad" />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="font-medium break-words">{problem.title}</p>
        {problem.detail && <p className="break-words text-muted"><Words text={problem.detail} /></p>}
        {problem.hint && <p className="break-words"><Words text={problem.hint} /></p>}
        {safe && <p className="text-muted">{safe}</p>}
        {(retry ?? children) && (
          <div className="mt-2 flex flex-wrap gap-2">
            {retry && (
              <Button small icon={<RotateCcw size={14} aria-hidden />} onClick={retry}>
                {t.common.retry}
              </Button>
            )}
            {children}
          </div>
        )}
        <p className="mt-1 font-mono text-0 text-muted">{problem.code}</p>
      </div>
    </div>
  );
}
