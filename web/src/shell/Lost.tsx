import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Problem } from "@/api/problem";
import { Button } from "@/kit";
import { t } from "@/texts";

/** An address with nothing behind it. */
export function NotFound() {
  return (
    <div className="flex flex-col items-start gap-2 p-6">
      <h1 className="font-serif text-5">{t.shell.notFound}</h1>
      <p className="text-2 text-muted">{t.shell.notFoundHint}</p>
      <Link to="/" className="underline underline-offset-4">
        {t.shell.toCenter}
      </Link>
    </div>
  );
}

/** A page that threw. The shell around it goes on. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const problem = Problem.of(error);
  return (
    <div role="alert" className="flex max-w-measure flex-col items-start gap-3 p-6">
      <h1 className="text-4 font-semibold">{t.shell.crashed}</h1>
      <p>{t.shell.crashedHint}</p>
      <pre className="max-w-full overflow-auto rounded-control border border-line p-2 font-mono text-0 whitespace-pre-wrap text-muted">
        {problem.detail || problem.title}
      </pre>
      <Button onClick={reset}>{t.common.retry}</Button>
    </div>
  );
}
