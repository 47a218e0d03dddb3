import { readdirSync, realpathSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import type { Dirent } from "node:fs";
import { dirname, join } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { accessError, errnoOf, fileError } from "../files/errno.js";
import { removeLeftovers } from "../files/leftovers.js";
import { makeWithin, readWithin, requireNoLink } from "../files/within.js";
import { maximumFileBytes } from "./limits.js";
import { entrySuffix, isEntryName } from "./tree-names.js";

/**
 * The real directory of a tree, which the other functions here take as `root`.
 *
 * @throws UnavailableError `not_initialised` when there is none
 */
export function realRoot(directory: string): string {
  try {
    const real = realpathSync.native(directory);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw accessError(directory, error);
    throw new UnavailableError(`there is no directory ${quote(directory)}`, {
      reason: "not_initialised",
      hint: "make it, with a file `.age-recipients` that names who may read what is stored there, or correct `root:` of the store",
      cause: error,
    });
  }
  throw new UnavailableError(`${quote(directory)} is not a directory`, { hint: "correct `root:` of the store" });
}

/** The path of an entry's file. */
export function entryFile(root: string, path: string): string {
  return join(root, fileOf(path));
}

/** The same, from the root. */
function fileOf(path: string): string {
  return `${path}${entrySuffix}`;
}

/** The bytes of an entry's file. @returns `undefined` when there is none @throws as {@link readWithin} does */
export function readEntry(root: string, path: string): Buffer | undefined {
  return readWithin(root, fileOf(path), maximumFileBytes);
}

/**
 * Puts a file in the place of an entry's, in one step, for this user alone. For the holder of the tree's lock.
 *
 * @throws UnsupportedError behind a symbolic link; UnavailableError when it cannot be written: the old file is intact then
 */
export function writeEntry(root: string, path: string, bytes: Uint8Array): void {
  requireNoLink(root, fileOf(path), path);
  makeWithin(root, dirname(path) === "." ? "" : dirname(path));
  const file = entryFile(root, path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) {
    throw new UnavailableError(`${quote(file)} is not a regular file`, { hint: "move it out of the store" });
  }
  removeLeftovers(file);
  writeFileAtomically(file, bytes, { mode: 0o600 });
}

/**
 * Removes an entry's file, and the directories that are empty then.
 *
 * @returns `false` when there is none
 * @throws UnsupportedError behind a symbolic link; UnavailableError when it cannot be removed
 */
export function removeEntry(root: string, path: string): boolean {
  requireNoLink(root, fileOf(path), path);
  const file = entryFile(root, path);
  try {
    unlinkSync(file);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return false;
    throw fileError("remove", file, error);
  }
  for (let empty = dirname(file); empty !== root; empty = dirname(empty)) {
    try {
      rmdirSync(empty);
    } catch {
      // It has something in it still, or is not ours to remove.
      break;
    }
  }
  return true;
}

/**
 * The paths of all entries, sorted. Directories that are symbolic links are not looked into: what is in them is listed
 * where it really is.
 *
 * @returns also how many files `.age` were left out because no path can name them
 */
export function listTree(root: string): { readonly paths: readonly string[]; readonly leftOut: number } {
  const paths: string[] = [];
  let leftOut = 0;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder))) {
      if (entry.name.startsWith(".")) continue;
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) folders.push(`${path}/`);
      else if (entry.name.endsWith(entrySuffix) && (entry.isFile() || entry.isSymbolicLink())) {
        const name = path.slice(0, -entrySuffix.length);
        if (isEntryName(name)) paths.push(name);
        else leftOut++;
      }
    }
  }
  return { paths: paths.toSorted(), leftOut };
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw accessError(directory, error);
  }
}
