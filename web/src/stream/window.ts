// Which rows of a long list are drawn: all rows are of one height, so it is arithmetic.

export type Span = { from: number; until: number };

/** Rows beyond each edge, so that a quick scroll shows no gap. */
const BEYOND = 8;

export function visible(top: number, height: number, rowHeight: number, n: number): Span {
  const from = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
  const until = Math.min(n, Math.ceil((top + height) / rowHeight) + BEYOND);
  return { from: Math.min(from, n), until: Math.max(until, 0) };
}

/** Whether the reader is at the end, with a row to spare. */
export function atEnd(top: number, height: number, rowHeight: number, n: number): boolean {
  return top + height >= n * rowHeight - rowHeight;
}
