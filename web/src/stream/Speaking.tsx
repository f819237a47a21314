import { useEffect, useRef, useState } from "react";
import { spoken } from "@/bus/partial-json";
import { useFlights, type Flight } from "@/bus";
import { Avatar } from "@/kit";
import { tStream } from "@/texts/stream";
import { who } from "./words";

/** So many characters of the end of what is being said are shown. */
const TAIL = 220;

/** Who is speaking right now, with the last words of each. */
export function Speaking({ project }: { project: string }) {
  const flights = useFlights(project).filter((flight) => !flight.ended);
  return (
    <>
      <Announce flights={flights} />
      {flights.length > 0 && (
        <section aria-label={tStream.speaking} className="border-t border-line">
          <ul>
            {flights.slice(0, 8).map((flight) => (
              <li key={flight.key} className="flex min-h-9 items-center gap-2 border-l-2 border-transparent py-1 pr-3 pl-2">
                <Avatar agent={flight.agent} speaking />
                <span className="shrink-0 font-medium">{who(flight.agent)}</span>
                <span className="min-w-0 flex-1 truncate text-muted">{tail(flight) || tStream.opening}</span>
                <span className="shrink-0 font-mono text-0 text-muted max-desk:hidden">{flight.path}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The end of what was said so far, as words and not as JSON. */
export function tail(flight: Flight): string {
  const text = flight.json.value === undefined ? flight.text : spoken(flight.json.value, Number.POSITIVE_INFINITY);
  const flat = text.slice(-TAIL * 2).replace(/\s+/g, " ").trim();
  return flat.length > TAIL ? `…${flat.slice(-TAIL)}` : flat;
}

/** Says who began and who finished, politely; the stream itself is never read out. */
function Announce({ flights }: { flights: readonly Flight[] }) {
  const [said, setSaid] = useState("");
  const before = useRef(new Set<string>());
  const speakers = [...new Set(flights.map((flight) => flight.agent))].toSorted().join(",");
  useEffect(() => {
    const now = new Set(speakers === "" ? [] : speakers.split(","));
    const began = [...now].filter((agent) => !before.current.has(agent)).map((agent) => tStream.writing(who(agent)));
    const ended = [...before.current].filter((agent) => !now.has(agent)).map((agent) => tStream.wrote(who(agent)));
    before.current = now;
    if (began.length + ended.length > 0) setSaid([...ended, ...began].join(". "));
  }, [speakers]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
