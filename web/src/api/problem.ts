import { t } from "@/texts";

type Body = { code?: unknown; title?: unknown; detail?: unknown; hint?: unknown };

/** A refusal or failure, in the studio's own words: what, why, what to do. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    readonly detail = "",
    readonly hint = "",
  ) {
    super(title);
  }

  /** The studio could not be asked at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** What an answer that is not a success says. */
  static async from(response: Response): Promise<Problem> {
    const words = t.common.problem;
    let body: Body;
    try {
      body = (await response.json()) as Body;
    } catch {
      return new Problem("unreadable_answer", response.status, words.unreadable, `HTTP ${response.status}`, words.unreadableHint);
    }
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    const title = text(body.title) || words.title;
    const detail = text(body.detail);
    return new Problem(text(body.code) || "failed", response.status, title, detail === title ? "" : detail, text(body.hint));
  }

  /** Whatever was thrown, as a problem. */
  static of(error: unknown): Problem {
    if (error instanceof Problem) return error;
    const words = t.common.problem;
    // `fetch` throws a TypeError where nobody answers.
    if (error instanceof TypeError && /fetch|network|load/i.test(error.message))
      return new Problem("unreachable", 0, words.unreachable, "", words.unreachableHint);
    return new Problem("page_error", -1, words.title, error instanceof Error ? error.message : String(error));
  }
}

/** A fault that the studio has kept with a run or an attempt, as a problem. */
export function faultProblem(fault: { code: string; message: string; hint?: string | null }): Problem {
  return new Problem(fault.code, -1, fault.message, "", fault.hint ?? "");
}
