import { MutationCache, QueryClient } from "@tanstack/react-query";
import { tell } from "@/kit/toasts";
import { Problem } from "./problem";

/** One cache for the page. Events of the stream say what is stale; nothing is asked for on a timer. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        // A refusal is an answer; only silence is asked again, and the stream says when the studio is back.
        retry: (tries, error) => Problem.of(error).unreachable && tries < 2,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (mutation.meta?.["quiet"]) return;
        const problem = Problem.of(error);
        tell([problem.title, problem.detail, problem.hint].filter(Boolean).join(". "), { tone: "bad" });
      },
    }),
  });
}
