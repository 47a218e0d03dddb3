import { lstatSync, realpathSync } from "node:fs";
import { quote, UnavailableError } from "../errors.js";
import { accessError, errnoOf } from "../files/errno.js";
import { readWithin } from "../files/within.js";

/** The longest value is 16 MiB; encrypted and armored it is longer by a third, and by its session keys. */
const maximumFileBytes = 24 * 1024 * 1024;
const maximumIdBytes = 1024 * 1024;

/** The file of an entry, from the store's directory: `a/b` → `a/b.gpg`. */
export function fileOf(entry: string): string {
  return `${entry}.gpg`;
}

/**
 * The directory of the store without symbolic links.
 *
 * @throws UnavailableError `not_initialised` when there is none
 */
export function realRoot(root: string): string {
  try {
    const real = realpathSync(root);
    if (lstatSync(real).isDirectory()) return real;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== "ENOENT" && errno !== "ENOTDIR") throw accessError(root, error);
  }
  throw new UnavailableError(`there is no password store ${quote(root)}`, {
    reason: "not_initialised",
    hint: "run `pass init KEY`, clone the store, or correct `root:`",
  });
}

/**
 * The bytes of an entry's file. Symbolic links are followed as long as they stay in the store.
 *
 * @param real - as {@link realRoot} gives it
 * @returns `undefined` when there is no such entry
 * @throws UnavailableError when a link leads out of the store or nowhere, it is longer than any value, or cannot be read
 */
export function readEntry(real: string, entry: string): Uint8Array | undefined {
  return readWithin(real, fileOf(entry), maximumFileBytes);
}

/**
 * As {@link readEntry}, for a file beside the entries.
 *
 * @param path - from the store's directory: `a/.gpg-id`
 */
export function readIdFile(real: string, path: string): Uint8Array | undefined {
  return readWithin(real, path, maximumIdBytes);
}
