import { useEffect } from "react";
import { register, type Command } from "./registry";

/** Commands of a page, there while the page is. `list` is memoised by the caller. */
export function useCommands(list: readonly Command[]): void {
  useEffect(() => register(list), [list]);
}
