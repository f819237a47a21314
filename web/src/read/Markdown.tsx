import { memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { tLibrary } from "@/texts/library";

/** Beyond this a text is shown as it is: parsing it would stop the page. */
const LONGEST = 1_000_000;

const COMPONENTS: Components = {
  h1: ({ children }) => <h2 className="mt-8 mb-4 font-serif text-5 font-medium text-balance first:mt-0">{children}</h2>,
  h2: ({ children }) => <h3 className="mt-8 mb-2 font-serif text-4 font-semibold">{children}</h3>,
  h3: ({ children }) => <h4 className="mt-6 mb-1 font-serif text-2 font-semibold">{children}</h4>,
  h4: ({ children }) => <h5 className="mt-4 font-serif font-semibold">{children}</h5>,
  p: ({ children }) => <p className="my-4 break-words first:mt-0">{children}</p>,
  ul: ({ children }) => <ul className="my-4 list-disc pl-6">{children}</ul>,
  ol: ({ children }) => <ol className="my-4 list-decimal pl-6">{children}</ol>,
  li: ({ children }) => <li className="my-1 break-words">{children}</li>,
  blockquote: ({ children }) => <blockquote className="my-4 border-l-2 border-strong pl-4 italic">{children}</blockquote>,
  hr: () => <hr className="my-8 border-line" />,
  code: ({ children }) => <code className="rounded bg-ink/8 px-1 font-mono text-[0.85em] break-words">{children}</code>,
  pre: ({ children }) => (
    <pre tabIndex={0} className="my-4 overflow-x-auto rounded-control bg-ink/5 p-3 font-mono text-1 [&_code]:bg-transparent [&_code]:p-0">
      {children}
    </pre>
  ),
  table: ({ children }) => (
    <div tabIndex={0} role="region" aria-label={tLibrary.table} className="my-4 overflow-x-auto font-sans text-1">
      <table className="border-collapse text-left [&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:py-1">
        {children}
      </table>
    </div>
  ),
  // A picture of a text from elsewhere would tell its server who reads: its description stands for it.
  img: ({ alt }) => <span className="text-muted">{tLibrary.image(alt ?? "")}</span>,
  a: ({ href, children }) => {
    const safe = outward(href);
    return safe ? (
      <a href={safe} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    );
  },
  input: ({ checked }) => <input type="checkbox" checked={checked === true} readOnly disabled aria-label={tLibrary.task} className="mr-2" />,
};

/** Markdown from a model or a file, as a page. HTML in it is text and stays text; nothing in it is fetched or run. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  if (text.length > LONGEST) return <p className="break-words whitespace-pre-wrap">{text}</p>;
  return (
    <ReactMarkdown remarkPlugins={[remarkGfm]} components={COMPONENTS} urlTransform={(url) => url}>
      {text}
    </ReactMarkdown>
  );
});

/** The address of a link that leads out of here by the web or by mail; nothing for any other. */
export function outward(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  const hidesWhere = url.username !== "" || url.password !== "";
  return ["http:", "https:", "mailto:"].includes(url.protocol) && !hidesWhere ? url.href : undefined;
}
