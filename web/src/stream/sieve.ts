// The rows that fit, and how many there are of what. New and older rows are looked at once each: a list of fifty
// thousand rows that grows by one costs one look.

import type { Row } from "@/bus/rows";
import type { Predicate } from "./query";

export class Sieve {
  matches: Row[] = [];
  /** Counts over the whole scope, whatever the filter says. */
  readonly who = new Map<string, number>();
  readonly what = new Map<string, number>();
  /** Rows in the scope. */
  total = 0;
  /** Rows looked at; counted for the tests. */
  looked = 0;

  readonly #scope: Predicate;
  readonly #fits: Predicate;
  #firstId = "";
  #first = 0;
  #last = 0;

  constructor(scope: Predicate, fits: Predicate) {
    this.#scope = scope;
    this.#fits = fits;
  }

  /** Brings it up to the rows of a log, which are contiguous in `seq`. */
  update(rows: readonly Row[]): this {
    const first = rows[0]?.seq ?? 0;
    const last = rows.at(-1)?.seq ?? 0;
    const known = this.#last > 0 ? rows[this.#first - first] : undefined;
    if (this.#last === 0 || first > this.#first || last < this.#last || known?.id !== this.#firstId) this.#forget();
    if (this.#last === 0) {
      this.#take(rows, "after");
    } else {
      if (first < this.#first) this.#take(rows.slice(0, this.#first - first), "before");
      if (last > this.#last) this.#take(rows.slice(this.#last - first + 1), "after");
    }
    this.#first = first;
    this.#last = last;
    this.#firstId = rows[0]?.id ?? "";
    return this;
  }

  #take(rows: readonly Row[], where: "before" | "after"): void {
    const found: Row[] = [];
    for (const row of rows) {
      this.looked += 1;
      if (!this.#scope(row)) continue;
      this.total += 1;
      this.who.set(row.from, (this.who.get(row.from) ?? 0) + 1);
      this.what.set(row.kind, (this.what.get(row.kind) ?? 0) + 1);
      if (this.#fits(row)) found.push(row);
    }
    if (found.length > 0) this.matches = where === "after" ? this.matches.concat(found) : found.concat(this.matches);
  }

  #forget(): void {
    this.matches = [];
    this.who.clear();
    this.what.clear();
    this.total = this.#first = this.#last = 0;
  }
}
