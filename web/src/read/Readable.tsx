import { memo, type ReactNode } from "react";
import type { Json } from "@/bus";

type Fields = { [key: string]: Json };

/** Fields that name the thing they are in, in order of preference. */
const NAMES = ["title", "name", "heading"] as const;
/** Deeper parts get no larger headings. */
const LEVELS = ["h2", "h3", "h4", "h5"] as const;
const SIZES = ["mt-8 mb-2 text-5 font-medium", "mt-8 mb-2 text-4 font-semibold", "mt-6 mb-1 text-2 font-semibold", "mt-4 text-2 font-semibold"] as const;
/** A text of at most so many characters can stand beside its name. */
const SHORT = 80;

/** An answer in JSON as a page: names become headings, texts paragraphs, lists lists. Grows as the answer does. Below a
 * title of its own it begins at a deeper level. */
export const Readable = memo(function Readable({ value, level = 0 }: { value: Json; version?: number; level?: number }) {
  return <Part value={value} level={level} />;
});

function Part({ value, level }: { value: Json; level: number }) {
  if (value === null || typeof value !== "object") return <Paragraphs text={String(value ?? "")} />;
  return Array.isArray(value) ? <List items={value} level={level} /> : <Thing fields={value} level={level} />;
}

function Thing({ fields, level }: { fields: Fields; level: number }) {
  const nameKey = NAMES.find((key) => typeof fields[key] === "string" && fields[key] !== "");
  const rest = Object.entries(fields).filter(([key, value]) => key !== nameKey && !isBlank(value));
  const short = rest.filter(([, value]) => isShort(value));
  const long = rest.filter(([, value]) => !isShort(value));
  return (
    <>
      {nameKey !== undefined && <Heading level={level}>{String(fields[nameKey])}</Heading>}
      {short.length > 0 && (
        <dl className="my-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 font-sans text-1">
          {short.map(([key, value]) => (
            <div key={key} className="col-span-2 grid grid-cols-subgrid">
              <dt className="text-muted">{label(key)}</dt>
              <dd className="min-w-0 break-words">{Array.isArray(value) ? value.map(String).join(", ") : String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {long.map(([key, value]) => (
        <section key={key}>
          <Heading level={level + (nameKey === undefined ? 0 : 1)}>{label(key)}</Heading>
          <Part value={value} level={level + (nameKey === undefined ? 1 : 2)} />
        </section>
      ))}
    </>
  );
}

function List({ items, level }: { items: readonly Json[]; level: number }) {
  if (items.every((item) => item === null || typeof item !== "object"))
    return (
      <ul className="my-3 list-disc pl-6">
        {items.map((item, at) => (
          // Parts of a text that grows at its end: a place in it is what stays.
          <li key={at} className="my-1 break-words">
            {String(item ?? "")}
          </li>
        ))}
      </ul>
    );
  return items.map((item, at) => (
    <article key={at}>
      <Part value={item} level={level} />
    </article>
  ));
}

function Paragraphs({ text }: { text: string }) {
  return text
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== "")
    .map((part, at) => (
      <p key={at} className="my-3 break-words whitespace-pre-line">
        {part}
      </p>
    ));
}

function Heading({ level, children }: { level: number; children: ReactNode }) {
  const at = Math.min(level, LEVELS.length - 1);
  const Level = LEVELS[at] ?? "h5";
  return <Level className={`font-serif text-balance break-words first:mt-0 ${SIZES[at]}`}>{children}</Level>;
}

/** `central_conflict` → `Central conflict`. */
export function label(key: string): string {
  const words = key.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isShort(value: Json): boolean {
  if (Array.isArray(value)) return value.every((item) => item === null || typeof item !== "object") && value.map(String).join(", ").length <= SHORT;
  return value === null || typeof value !== "object" ? String(value).length <= SHORT : false;
}

function isBlank(value: Json): boolean {
  return value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}
