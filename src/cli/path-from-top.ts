import { relative, resolve, sep } from "node:path";
import { InvalidInputError, quote } from "../errors.js";

/**
 * A path as git writes it: from the top of the work tree, `/`-separated, empty for the top itself.
 *
 * @param here - what the path is relative to
 * @throws InvalidInputError for one outside of the work tree
 */
export function pathFromTop(path: string, here: string, top: string): string {
  const inside = relative(top, resolve(here, path)).split(sep).join("/");
  if (inside !== ".." && !inside.startsWith("../")) return inside;
  throw new InvalidInputError(`${quote(path)} is outside of the repository`);
}
