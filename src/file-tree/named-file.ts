import { parse, relative, resolve } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { findRoot, locate } from "./place.js";
import { readFiles, requireReadable, withFile } from "./read.js";
import type { FileTree, ReadRules } from "./read.js";

/**
 * The value in a file that an environment variable names. A variable belongs to the process, so that a relative path is
 * taken from its working directory. Links are followed wherever they lead.
 *
 * @param variable - for messages
 * @throws UnavailableError when there is no such file: whoever named it wanted it read; AccessDeniedError, CancelledError
 */
export async function readNamedFile(
  file: string,
  variable: string,
  tree: Omit<FileTree, "root">,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { root, path } = placeOf(file, variable);
  const [value] = await readFiles({ ...tree, root }, [path], signal);
  if (value === undefined) throw missing(file, variable);
  return value;
}

/** Throws as {@link readNamedFile} would, and reads nothing. */
export function requireNamedFile(file: string, variable: string, tree: ReadRules): void {
  const { root, path } = placeOf(file, variable);
  const real = locate(findRoot(root), path);
  if (real === undefined) throw missing(file, variable);
  withFile(real, (_descriptor, status) => requireReadable(real, status, tree));
}

function placeOf(file: string, variable: string): { readonly root: string; readonly path: string } {
  if (file === "" || file.includes("\0")) throw missing(file, variable);
  const absolute = resolve(file);
  const { root } = parse(absolute);
  return { root, path: relative(root, absolute) };
}

function missing(file: string, variable: string): UnavailableError {
  return new UnavailableError(`there is no file ${quote(file)}, which ${quote(variable)} names`, {
    hint: `mount or make the file, or unset ${quote(variable)}`,
  });
}
