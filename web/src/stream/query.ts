// The words of the filter box: `from:lens kind:gate run:run_12 "the bell"`. Several values of one name are either-or
// (`kind:gate,message`), different names are all-of, a minus takes away (`-from:engine`).

import type { Row } from "@/bus/rows";

export const NAMES = ["from", "to", "kind", "run", "step", "seq", "tone"] as const;
export type Name = (typeof NAMES)[number];

export type Term = { name: Name | "text"; values: string[]; not: boolean };

/** What was typed, in order. A name nobody knows is looked for as text. */
export function parseQuery(typed: string): Term[] {
  const terms: Term[] = [];
  for (const match of typed.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi)) {
    const [, minus, rawName, quoted, bare] = match;
    const name = rawName?.toLowerCase();
    const value = quoted ?? bare ?? "";
    if (value === "" || value === "-") continue;
    const not = minus === "-";
    if (name === undefined) terms.push({ name: "text", values: [value.toLowerCase()], not });
    else if (isName(name)) terms.push({ name, values: value.toLowerCase().split(",").filter(Boolean), not });
    else terms.push({ name: "text", values: [`${name}:${value}`.toLowerCase()], not });
  }
  return terms;
}

export function writeQuery(terms: readonly Term[]): string {
  return terms
    .map(({ name, values, not }) => {
      const value = values.join(",");
      const shown = /\s/.test(value) ? `"${value}"` : value;
      return `${not ? "-" : ""}${name === "text" ? "" : `${name}:`}${shown}`;
    })
    .join(" ");
}

/** The query with a value of a name switched on or off. */
export function toggled(typed: string, name: Name, value: string): string {
  const terms = parseQuery(typed);
  const term = terms.find((each) => each.name === name && !each.not);
  if (!term) return writeQuery([...terms, { name, values: [value.toLowerCase()], not: false }]);
  const wanted = value.toLowerCase();
  term.values = term.values.includes(wanted) ? term.values.filter((each) => each !== wanted) : [...term.values, wanted];
  return writeQuery(terms.filter((each) => each.values.length > 0));
}

export function has(typed: string, name: Name, value: string): boolean {
  return parseQuery(typed).some((term) => term.name === name && !term.not && term.values.includes(value.toLowerCase()));
}

export type Predicate = (row: Row) => boolean;

export function predicate(terms: readonly Term[]): Predicate {
  const tests = terms.map((term): Predicate => {
    const fits = fitting(term);
    return term.not ? (row) => !fits(row) : fits;
  });
  return (row) => tests.every((test) => test(row));
}

function fitting({ name, values }: Term): Predicate {
  const any = (read: (row: Row) => string | null): Predicate => (row) => {
    const found = read(row)?.toLowerCase();
    return found !== undefined && values.some((value) => found.includes(value));
  };
  switch (name) {
    case "from":
      return any((row) => row.from);
    case "to":
      return any((row) => row.to);
    case "kind":
      // `gate` is every kind of the family, `gate.opened` only itself.
      return (row) => values.some((value) => row.kind === value || row.kind.startsWith(`${value}.`));
    case "run":
      return (row) => row.run !== null && values.some((value) => row.run?.startsWith(value) || row.run?.endsWith(value));
    case "step":
      return any((row) => row.step);
    case "tone":
      return (row) => values.includes(row.tone);
    case "seq":
      return (row) => values.some((value) => inRange(row.seq, value));
    case "text":
      return any((row) => `${row.text} ${row.from} ${row.to ?? ""} ${row.kind} ${row.step ?? ""}`);
  }
}

function inRange(seq: number, range: string): boolean {
  const [from = "", until] = range.split("..");
  if (until === undefined) return seq === Number(from);
  return seq >= (Number(from) || 0) && seq <= (Number(until) || Number.POSITIVE_INFINITY);
}

function isName(name: string): name is Name {
  return (NAMES as readonly string[]).includes(name);
}
