import { readdirSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { isSecretsError, quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { pathFaultInTree } from "./names.js";
import { accessError } from "../files/errno.js";
import { findRoot, locate } from "./place.js";

/** Links of one directory to others multiply: what has more than this is no directory of secrets. */
const maximumLinks = 10_000;

/** The paths in a tree, and how many of its entries are none: links out of it, pipes, names that cannot be addressed. */
export interface Listing {
  readonly paths: readonly string[];
  readonly leftOut: number;
}

/**
 * Every path that can be read from a directory, sorted. Links are followed inside it, as they are on reading; what
 * Kubernetes keeps its generations in (`..data`, `..2026_…`) is not listed.
 *
 * @throws UnavailableError `not_initialised` when there is no such directory; AccessDeniedError
 */
export function listFiles(root: string, signal: AbortSignal | undefined): Listing {
  const realRoot = findRoot(root);
  const paths: string[] = [];
  let leftOut = 0;
  let links = 0;

  const walk = (directory: string, prefix: string, trail: readonly string[]): void => {
    throwIfCancelled(signal);
    for (const entry of entriesIn(directory)) {
      if (entry.name.startsWith("..")) continue;
      if (entry.isSymbolicLink() && (links += 1) > maximumLinks) {
        throw new UnavailableError(`${quote(root)} has more than ${maximumLinks} symbolic links`);
      }
      const path = prefix + entry.name;
      const found = pathFaultInTree(path) === undefined ? behind(entry, directory, realRoot, path) : undefined;
      if (found?.kind === "file") paths.push(path);
      else if (found?.kind !== "directory") leftOut += 1;
      else if (!trail.includes(found.real)) walk(found.real, `${path}/`, [...trail, found.real]);
    }
  };
  walk(realRoot, "", [realRoot]);
  return { paths: paths.toSorted(), leftOut };
}

function entriesIn(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw accessError(directory, error);
  }
}

interface Found {
  readonly real: string;
  readonly kind: "file" | "directory" | "other";
}

/** What an entry is, or what it leads to; `undefined` for a link that cannot be followed. */
function behind(entry: Dirent, directory: string, realRoot: string, path: string): Found | undefined {
  if (!entry.isSymbolicLink()) return { real: join(directory, entry.name), kind: kindOf(entry) };
  try {
    const real = locate(realRoot, path);
    const status = real === undefined ? undefined : statSync(real, { throwIfNoEntry: false });
    return real === undefined || status === undefined ? undefined : { real, kind: kindOf(status) };
  } catch (error) {
    if (isSecretsError(error)) return undefined;
    throw accessError(join(realRoot, path), error);
  }
}

function kindOf(entry: Pick<Dirent, "isFile" | "isDirectory">): Found["kind"] {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "directory" : "other";
}
