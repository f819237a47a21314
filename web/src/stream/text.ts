// Long texts of events, which lie beside the log under their hash and never change.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { http, path } from "@/api/http";

export const text = (project: string, hash: string) =>
  queryOptions({
    queryKey: ["text", project, hash],
    queryFn: ({ signal }) => http.text(path`/projects/${project}/texts/${hash}`, {}, signal),
  });

/** A long text, asked for once it has been looked at for a moment: rows that fly by ask for nothing. */
export function useText(project: string, hash: string | null, afterMs = 0) {
  const [stays, setStays] = useState(afterMs === 0);
  useEffect(() => {
    if (stays || hash === null) return;
    const timer = setTimeout(() => setStays(true), afterMs);
    return () => clearTimeout(timer);
  }, [stays, hash, afterMs]);
  return useQuery({ ...text(project, hash ?? ""), enabled: hash !== null && stays });
}
