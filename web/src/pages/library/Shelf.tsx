import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { TextField } from "@/kit";
import { label } from "@/read/Readable";
import { tLibrary } from "@/texts/library";
import { tLog } from "@/texts/log";
import type { Bucket, Output } from "./queries";

const words = tLibrary;
/** From so many entries on there is a field to find one. */
const MANY = 12;
/** So many of one kind are listed; the field finds the others. */
const AT_ONCE = 200;

type Entry = { key: string; title: string; group: string; archived?: boolean; search: { file: string } | { bucket: string } };

/** All there is to read: files by their folder, buckets by their type. */
export function Shelf({ project, files, buckets, open }: { project: string; files: Output[]; buckets: Bucket[]; open?: string | undefined }) {
  const [wanted, setWanted] = useState("");
  const entries = [...fileEntries(files), ...bucketEntries(buckets)];
  const found = entries.filter((entry) => entry.title.toLowerCase().includes(wanted.trim().toLowerCase()));
  const groups = Map.groupBy(found, (entry) => entry.group);
  return (
    <div className="flex flex-col gap-4 p-3">
      {entries.length > MANY && <TextField label={words.find} quietLabel type="search" placeholder={words.find} value={wanted} onChange={(event) => setWanted(event.target.value)} />}
      {found.length === 0 && <p className="px-2 text-muted">{words.nothingFound}</p>}
      {[...groups].map(([group, list]) => (
        <Group key={group} title={group} n={list.length}>
          {list.slice(0, AT_ONCE).map((entry) => (
            <li key={entry.key}>
              <Link
                to="/p/$project/library"
                params={{ project }}
                search={entry.search}
                {...(entry.key === open && { "aria-current": "page" })}
                activeOptions={{ exact: false, includeSearch: true }}
                className="flex min-h-8 items-center rounded-control px-2 text-muted hover:bg-ink/8 hover:text-ink max-desk:min-h-11 aria-[current=page]:bg-ink/10 aria-[current=page]:font-medium aria-[current=page]:text-ink"
              >
                <span className="truncate">{entry.title}</span>
                {entry.archived && <span className="ml-2 text-0">({words.archived})</span>}
              </Link>
            </li>
          ))}
          {list.length > AT_ONCE && <li className="px-2 py-1 text-0 text-muted">{tLog.more(list.length - AT_ONCE)}</li>}
        </Group>
      ))}
    </div>
  );
}

function Group({ title, n, children }: { title: string; n: number; children: ReactNode }) {
  return (
    <section>
      <h2 className="flex items-baseline gap-2 px-2 pb-1 text-0 font-medium text-muted">
        {title}
        <span className="font-normal">{n}</span>
      </h2>
      <ul className="flex flex-col gap-0.5">{children}</ul>
    </section>
  );
}

/** A page is read, not its data: the JSON beside a Markdown file of the same name is reached from it. */
function fileEntries(files: Output[]): Entry[] {
  const pages = new Set(files.filter((file) => file.path.endsWith(".md")).map((file) => stem(file.path)));
  return files
    .filter((file) => file.path.endsWith(".md") || !pages.has(stem(file.path)))
    .map((file) => {
      const parts = file.path.split("/");
      const name = stem(parts.at(-1) ?? file.path);
      return { key: file.path, title: label(name), group: label(parts.length > 1 ? (parts[0] ?? "") : words.outputs), search: { file: file.path } };
    });
}

function bucketEntries(buckets: Bucket[]): Entry[] {
  return buckets
    .map((bucket) => ({ key: bucket.id, title: bucket.title, group: label(bucket.type), archived: bucket.status === "archived", search: { bucket: bucket.id } }))
    .toSorted((a, b) => a.group.localeCompare(b.group) || a.title.localeCompare(b.title));
}

export function stem(path: string): string {
  return path.replace(/\.[^./]+$/, "");
}
