import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Hand, Wifi, WifiOff } from "lucide-react";
import * as queries from "@/api/queries";
import { classes, money } from "@/kit";
import { t } from "@/texts";

const words = t.shell.footer;

/** The instrument strip: always there, always in this order. */
export function Footer() {
  const { data, isError } = useQuery(queries.overview());
  const running = data?.runs.filter((run) => run.status === "running").length ?? 0;
  const waiting = data?.gates.length ?? 0;
  return (
    <footer aria-label={words.live} className="flex h-7 shrink-0 items-center gap-5 overflow-x-auto border-t border-line bg-pane px-3 text-0 whitespace-nowrap text-muted">
      <span className={classes("inline-flex items-center gap-1.5", isError && "text-warn")}>
        {isError ? <WifiOff size={12} aria-hidden /> : <Wifi size={12} aria-hidden />}
        {isError ? words.offline : data ? words.live : words.connecting}
      </span>
      {data && (
        <>
          <Link to="/" hash="runs" className="hover:text-ink">
            {words.running(running)}
          </Link>
          <Link to="/" hash="needs-you" className={classes("inline-flex items-center gap-1.5 hover:text-ink", waiting > 0 && "text-warn")}>
            {waiting > 0 && <Hand size={12} aria-hidden />}
            {words.waiting(waiting)}
          </Link>
          <span>{words.today(money(data.usage.today.cost))}</span>
        </>
      )}
    </footer>
  );
}
