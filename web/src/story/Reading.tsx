import { memo } from "react";
import type { Json } from "@/bus";
import { classes } from "@/kit";
import { sectionOf, type Part, type Section } from "./shape";

/** A growing value is grown in place: `version` tells that it changed. */
type ReadingProps = { value: Json | undefined; version?: number; level?: number; growing?: boolean };

/** A value as a page of a book: headings, paragraphs, lists. Never braces. It may still be growing. */
export const Reading = memo(function Reading({ value, level = 2, growing }: ReadingProps) {
  const section = sectionOf(value);
  return (
    <div className={classes("manuscript", growing && "growing")} aria-busy={growing}>
      <SectionView section={section} level={level} />
    </div>
  );
});

function SectionView({ section, level }: { section: Section; level: number }) {
  const Heading = `h${Math.min(level, 6)}` as "h2";
  return (
    <>
      {section.heading && (
        <Heading className={level <= 2 ? "mb-2 text-5 font-medium" : level === 3 ? "mt-5 text-3 font-semibold" : "mt-3 text-2 font-semibold"}>
          {section.heading}
          {section.sub && <span className="ml-3 font-sans text-1 font-normal text-muted">{section.sub}</span>}
        </Heading>
      )}
      {section.parts.map((part, n) => (
        <PartView key={n} part={part} level={section.heading ? level + 1 : level} />
      ))}
    </>
  );
}

function PartView({ part, level }: { part: Part; level: number }) {
  switch (part.kind) {
    case "text":
      return (
        <p className="mt-1 break-words whitespace-pre-line">
          {part.label && <Label text={part.label} />}
          {part.text}
        </p>
      );
    case "words":
      return (
        <p className="mt-1">
          {part.label && <Label text={part.label} />}
          <i>{part.items.join(" · ")}</i>
        </p>
      );
    case "list":
      return (
        <div className="mt-1">
          {part.label && <Label text={part.label} />}
          <ul className="list-none">
            {part.items.map((item, n) => (
              <li key={n} className="pl-5 -indent-5 before:mr-2.5 before:text-muted before:content-['–']">
                {item}
              </li>
            ))}
          </ul>
        </div>
      );
    case "sections":
      return (
        <div className="mt-3">
          {part.label && <p className="mt-6 border-b border-line pb-1 font-sans text-1 font-medium text-muted">{part.label}</p>}
          {part.items.map((item, n) => (
            <div key={n} className="mt-1">
              <SectionView section={item} level={Math.max(level, 3)} />
            </div>
          ))}
        </div>
      );
  }
}

function Label({ text }: { text: string }) {
  return <span className="mr-2 font-sans text-1 text-muted">{text}</span>;
}
