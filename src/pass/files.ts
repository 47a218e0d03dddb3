import { closeSync, fstatSync, lstatSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { IntegrityError, quote, UnavailableError, UnsupportedError } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { errnoOf, fileError } from "../files/errno.js";
import { openRegular } from "../files/open-regular.js";

/** The longest value is 16 MiB; encrypted and armored it is longer by a third, and by its session keys. */
const maximumFileBytes = 24 * 1024 * 1024;
const maximumIdBytes = 1024 * 1024;

/** The file of an entry: `a/b` → `a/b.gpg`. */
export function fileOf(root: string, entry: string): string {
  return join(root, `${entry}.gpg`);
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
    if (!isMissing(error)) throw fileError("read", root, error);
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
 * @throws IntegrityError when it leads out of the store or is longer than any value
 * @throws UnavailableError when it cannot be read
 */
export function readEntry(real: string, entry: string): Uint8Array | undefined {
  return readInside(real, fileOf(real, entry), `the file of ${quote(entry)}`, maximumFileBytes);
}

/** As {@link readEntry}, for a file beside the entries. */
export function readIdFile(real: string, file: string): Uint8Array | undefined {
  return readInside(real, file, quote(file), maximumIdBytes);
}

function readInside(real: string, file: string, subject: string, maximumBytes: number): Uint8Array | undefined {
  const target = targetInside(real, file, subject);
  const descriptor = target === undefined ? undefined : openRegular(target, { follow: false });
  if (descriptor === undefined) return undefined;
  try {
    const bytes = readBounded(descriptor, maximumBytes, fstatSync(descriptor).size);
    if (bytes !== undefined) return bytes;
  } catch (error) {
    throw fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
  throw new IntegrityError(`${subject} has more than ${maximumBytes} bytes`);
}

/** Where a path in the store leads, without symbolic links; `undefined` when nothing is there. */
export function targetInside(real: string, file: string, subject: string): string | undefined {
  let target: string;
  try {
    target = realpathSync(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError("read", file, error);
  }
  if (isInside(real, target)) return target;
  throw new IntegrityError(`${subject} leads out of the store by a symbolic link`, {
    hint: "a store's files may only lead to files in the same store: see who made that link",
  });
}

/**
 * Refuses to change what a symbolic link leads to: the recipients of the place it is in may be others than those of the
 * place it leads to.
 *
 * @throws UnsupportedError
 */
export function requireNoLink(real: string, entry: string): void {
  for (let file = fileOf(real, entry); file !== real; file = dirname(file)) {
    let isLink: boolean;
    try {
      isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    } catch (error) {
      if (errnoOf(error) === "ENOTDIR") continue;
      throw fileError("read", file, error);
    }
    if (!isLink) continue;
    throw new UnsupportedError(
      `${quote(entry)} is reached through a symbolic link, and is not written or removed there`,
      {
        hint: "use the name it has in the folder the link leads to",
      },
    );
  }
}

function isInside(real: string, target: string): boolean {
  return target.startsWith(real.endsWith(sep) ? real : real + sep);
}

function isMissing(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}
