// Reads JSON while it is still being written.
//
// Owns: turning the pieces of a model's answer into the value so far. Each character is looked at once, so a long
// answer costs no more per piece than a short one. What stands around the document (a fence, a sentence before it) is
// left out. An unfinished string is there as far as it goes; an unfinished number or word is not there yet.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

type Frame =
  | { in: "object"; value: { [key: string]: Json }; key: string | null; expects: "key" | "colon" | "value" | "comma" }
  | { in: "array"; value: Json[]; expects: "value" | "comma" };

const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "/": "/", "\\": "\\", '"': '"' };
/** Deeper than any answer of ours; what lies below is left out rather than followed. */
const DEEPEST = 64;

export class PartialJson {
  /** The value so far; undefined before the document begins. Grown in place: compare by `version`. */
  value: Json | undefined = undefined;
  /** Whether the document is complete. */
  done = false;
  /** Whether what came is no JSON from some point on; the value stays what it was. */
  broken = false;
  version = 0;

  #stack: Frame[] = [];
  #string: { text: string; escape: string | null; isKey: boolean } | null = null;
  #word = "";
  /** Whether the last item of the innermost list is a string under way, to be replaced by more of itself. */
  #openItem = false;

  push(piece: string): this {
    // By code unit: structure and escapes are ASCII, and halves of surrogate pairs join again in the text.
    for (let i = 0; i < piece.length && !this.done && !this.broken; i += 1) this.#take(piece.charAt(i));
    this.#showString();
    this.version += 1;
    return this;
  }

  #take(char: string): void {
    if (this.#string) return this.#inString(char);
    if (this.#word !== "") {
      if (/[-+.\w]/.test(char)) {
        this.#word += char;
        return;
      }
      if (!this.#endWord()) return;
    }
    this.#between(char);
  }

  #between(char: string): void {
    const top = this.#stack.at(-1);
    if (!top) {
      // Only an object or a list begins a document: a quote may belong to the talk before it.
      if (char === "{" || char === "[") this.#open(char);
      return;
    }
    if (/\s/.test(char)) return;
    if (char === (top.in === "object" ? "}" : "]")) {
      const midField = top.in === "object" && (top.expects === "colon" || top.expects === "value");
      return midField ? this.#fail() : this.#close();
    }
    if (top.expects === "comma") {
      if (char !== ",") return this.#fail();
      top.expects = top.in === "object" ? "key" : "value";
    } else if (top.expects === "colon") {
      if (char !== ":") return this.#fail();
      top.expects = "value";
    } else if (top.expects === "key") {
      if (char !== '"') return this.#fail();
      this.#string = { text: "", escape: null, isKey: true };
    } else if (char === '"') {
      this.#string = { text: "", escape: null, isKey: false };
    } else if (char === "{" || char === "[") {
      this.#open(char);
    } else if (/[-\w]/.test(char)) {
      this.#word = char;
    } else {
      this.#fail();
    }
  }

  #inString(char: string): void {
    const string = this.#string;
    if (!string) return;
    if (string.escape !== null) {
      string.escape += char;
      const escaped = unescape(string.escape);
      if (escaped === "more") return;
      if (escaped === null) return this.#fail();
      string.text += escaped;
      string.escape = null;
    } else if (char === "\\") {
      string.escape = "";
    } else if (char === '"') {
      this.#endString(string);
    } else {
      string.text += char;
    }
  }

  #endString(string: { text: string; isKey: boolean }): void {
    const top = this.#stack.at(-1);
    if (string.isKey && top?.in === "object") {
      top.key = string.text;
      top.expects = "colon";
    } else {
      this.#put(string.text);
      this.#settle();
    }
    this.#string = null;
  }

  /** Shows the string under way; its last half of a surrogate pair waits for the other one. */
  #showString(): void {
    const string = this.#string;
    if (!string || string.isKey) return;
    const last = string.text.charCodeAt(string.text.length - 1);
    const isHalf = last >= 0xd800 && last <= 0xdbff;
    this.#put(isHalf ? string.text.slice(0, -1) : string.text);
  }

  /** Ends a number or a word; false where it is neither. */
  #endWord(): boolean {
    const word = this.#word;
    this.#word = "";
    let value: Json;
    if (word === "true" || word === "false") value = word === "true";
    else if (word === "null") value = null;
    else if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(word)) value = Number(word);
    else {
      this.#fail();
      return false;
    }
    this.#put(value);
    this.#settle();
    return true;
  }

  #open(char: string): void {
    if (this.#stack.length >= DEEPEST) return this.#fail();
    const frame: Frame =
      char === "{"
        ? { in: "object", value: Object.create(null) as { [key: string]: Json }, key: null, expects: "key" }
        : { in: "array", value: [], expects: "value" };
    if (this.#stack.length === 0) this.value = frame.value;
    else {
      this.#put(frame.value);
      this.#settle();
    }
    this.#stack.push(frame);
  }

  #close(): void {
    this.#stack.pop();
    this.done = this.#stack.length === 0;
  }

  /** Puts a value where one is expected; a string under way is put again and again. */
  #put(value: Json): void {
    const top = this.#stack.at(-1);
    if (!top) return;
    if (top.in === "object") {
      if (top.key !== null) top.value[top.key] = value;
    } else if (this.#openItem) {
      top.value[top.value.length - 1] = value;
    } else {
      top.value.push(value);
    }
    if (top.in === "array") this.#openItem = true;
  }

  /** The value that was put is whole. */
  #settle(): void {
    const top = this.#stack.at(-1);
    if (top) top.expects = "comma";
    this.#openItem = false;
  }

  #fail(): void {
    this.broken = true;
    this.#string = null;
    this.#word = "";
  }
}

/** The value of a whole or unfinished document. */
export function parsePartial(text: string): Json | undefined {
  return new PartialJson().push(text).value;
}

/** The texts of a value in order, for one line of a list: no keys, no quotes, no braces. */
export function spoken(value: Json | undefined, limit = 400): string {
  const parts: string[] = [];
  let length = 0;
  const walk = (part: Json | undefined): void => {
    if (part === undefined || part === null || length >= limit) return;
    if (typeof part === "string") {
      const text = part.trim();
      if (text === "") return;
      parts.push(text);
      length += text.length + 3;
    } else if (typeof part === "number" || typeof part === "boolean") {
      parts.push(String(part));
      length += 6;
    } else {
      for (const inner of Array.isArray(part) ? part : Object.values(part)) walk(inner);
    }
  };
  walk(value);
  return parts.join(" · ").slice(0, limit);
}

function unescape(escape: string): string | "more" | null {
  if (escape[0] !== "u") return ESCAPES[escape] ?? null;
  if (escape.length < 5) return /^u[0-9a-fA-F]*$/.test(escape) ? "more" : null;
  return /^u[0-9a-fA-F]{4}$/.test(escape) ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : null;
}
