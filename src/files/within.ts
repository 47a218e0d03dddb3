import { closeSync, fstatSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { quote, UnavailableError, UnsupportedError } from "../errors.js";
import { readBounded } from "./bounded.js";
import { accessError, errnoOf, fileError } from "./errno.js";
import { openRegular } from "./open-regular.js";

/**
 * Where something below a root really is, its symbolic links followed as long as they stay in there.
 *
 * @param root - an absolute path without symbolic links
 * @param path - below the root, with `/` between segments, none of them `..`
 * @returns `undefined` when there is nothing
 * @throws AccessDeniedError when the system does not let this user look
 * @throws UnavailableError when a link leads out of the root or nowhere, or it cannot be looked up
 */
export function findWithin(root: string, path: string): string | undefined {
  const wanted = join(root, path);
  let real: string;
  try {
    real = realpathSync.native(wanted);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw accessError(wanted, error);
    if (!isLink(wanted)) return undefined;
    throw new UnavailableError(`${quote(wanted)} is a symbolic link that leads nowhere`, { cause: error });
  }
  if (real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return real;
  throw new UnavailableError(`${quote(wanted)} is a symbolic link, or below one, that leads out of ${quote(root)}`, {
    hint: "replace the link by what it leads to, if that belongs there",
  });
}

/**
 * What is in a regular file below a root.
 *
 * @param root - as for {@link findWithin}
 * @returns `undefined` when there is nothing
 * @throws AccessDeniedError, UnavailableError as {@link findWithin} does, and when it is something else than a file, or
 *   too long
 */
export function readWithin(root: string, path: string, maximumBytes: number): Buffer | undefined {
  const real = findWithin(root, path);
  const descriptor = real === undefined ? undefined : openInStore(real);
  if (real === undefined || descriptor === undefined) return undefined;
  try {
    const bytes = readBounded(descriptor, maximumBytes, fstatSync(descriptor).size);
    if (bytes !== undefined) return bytes;
  } catch (error) {
    throw fileError("read", real, error);
  } finally {
    closeSync(descriptor);
  }
  throw new UnavailableError(`${quote(real)} is longer than ${maximumBytes} bytes`);
}

function openInStore(file: string): number | undefined {
  try {
    return openRegular(file, { follow: false, hint: "only files belong there: move it away" });
  } catch (error) {
    throw error instanceof UnavailableError && error.cause !== undefined ? accessError(file, error.cause) : error;
  }
}

/**
 * Makes the directories of a path below a root that are not there yet, for this user alone.
 *
 * @param root - as for {@link findWithin}
 * @param path - of a directory, may be empty
 * @returns where the directory really is
 * @throws UnavailableError as {@link findWithin} does, and when one cannot be made
 */
export function makeWithin(root: string, path: string): string {
  let directory = root;
  for (const name of path.split("/").filter((segment) => segment !== "")) {
    const next = join(directory, name);
    try {
      mkdirSync(next, { mode: 0o700 });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw fileError("make the directory", next, error);
    }
    directory = findWithin(root, next.slice(root.length)) ?? next;
  }
  return directory;
}

/**
 * Refuses to change what a symbolic link leads to: who may read and write at that place may be others than at the place
 * the link is in.
 *
 * @param root - as for {@link findWithin}
 * @param path - of the file
 * @param name - what to call it in messages
 * @throws UnsupportedError
 */
export function requireNoLink(root: string, path: string, name: string): void {
  for (let file = join(root, path); file !== root; file = dirname(file)) {
    if (!isLink(file)) continue;
    throw new UnsupportedError(
      `${quote(name)} is reached through a symbolic link, and is not written or removed there`,
      { hint: "use the name it has in the folder the link leads to" },
    );
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    // A part of the path is no directory.
    return false;
  }
}
