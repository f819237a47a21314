import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { classes, Empty, Failed, Loading } from "@/kit";
import { useSize } from "@/shell/media";
import { tLibrary } from "@/texts/library";
import { BucketPage } from "./BucketPage";
import { FilePage } from "./FilePage";
import { buckets, outputs } from "./queries";
import { Shelf } from "./Shelf";

const words = tLibrary;
const BIBLE = "bible/bible.md";
const page = getRouteApi("/p/$project/library");

/** What came out, to be read: files of the outputs and the buckets of the world, each as a page. */
export function Library() {
  const { project } = page.useParams();
  const { file: named, bucket, raw = false } = page.useSearch();
  const phone = useSize() === "phone";
  const files = useQuery(outputs(project));
  const things = useQuery(buckets(project));
  // Where shelf and page stand side by side, something lies open: the bible, else the first file.
  const open = bucket === undefined && !phone ? (files.data?.find((each) => each.path === BIBLE) ?? files.data?.[0])?.path : undefined;
  const file = named ?? open;
  const error = files.error ?? things.error;
  const chosen = file ?? bucket;
  const nothing = files.data?.length === 0 && things.data?.length === 0;

  if (error && !files.data && !things.data)
    return (
      <div className="p-6">
        <h1 className="sr-only">{words.title}</h1>
        <Failed error={error} retry={() => void Promise.all([files.refetch(), things.refetch()])} />
      </div>
    );
  if (nothing)
    return (
      <div className="px-6">
        <h1 className="sr-only">{words.title}</h1>
        <Empty
          action={
            <Link to={"/p/$project/runs" as "/"} params={{ project } as never} className="underline underline-offset-2">
              {words.start}
            </Link>
          }
        >
          {words.empty}
        </Empty>
      </div>
    );
  return (
    <div className="flex h-full">
      <h1 className="sr-only">{words.title}</h1>
      <nav
        aria-label={words.shelves}
        className={classes("w-full shrink-0 overflow-y-auto border-line desk:w-64 desk:border-r", chosen !== undefined && "max-desk:hidden")}
      >
        {files.data && things.data ? <Shelf project={project} files={files.data} buckets={things.data} open={open} /> : <div className="p-3"><Loading what={words.title} rows={8} /></div>}
      </nav>
      <div className={classes("min-w-0 flex-1 overflow-y-auto -outline-offset-2", chosen === undefined && "max-desk:hidden")} tabIndex={0} role="region" aria-label={words.reading}>
        <div className="mx-auto max-w-[calc(68ch+48px)] px-4 py-6 text-3 wide:px-6">
          <p className="mb-4 font-sans text-1 desk:hidden">
            <Link to="/p/$project/library" params={{ project }} className="inline-flex min-h-11 items-center gap-2">
              <ArrowLeft size={16} aria-hidden />
              {words.back}
            </Link>
          </p>
          {file !== undefined && <FilePage project={project} file={file} raw={raw} about={files.data?.find((each) => each.path === file)} />}
          {bucket !== undefined && <BucketPage project={project} id={bucket} />}
          {chosen === undefined && <p className="text-2 text-muted">{words.choose}</p>}
        </div>
      </div>
    </div>
  );
}
