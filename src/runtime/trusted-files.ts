import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";
import { errnoOf, fileError } from "../files/errno.js";

/**
 * Where a file of the configuration would really be written, if that is outside the configuration's directory, or is
 * git's own: links are followed as far as there is something to follow.
 *
 * @param directory - of the configuration
 * @param file - as it stands there
 * @returns the absolute path, or `undefined` for a file inside
 */
export function targetOutside(directory: string, file: string): string | undefined {
  const target = path.resolve(directory, file);
  const real = path.join(realOfNearest(path.dirname(target)), path.basename(target));
  const below = path.relative(realpathSync(directory), real);
  const isInside = below !== "" && isBelow(below);
  // Not every file system tells upper case from lower.
  const isGits = below.split(path.sep).some((segment) => segment.toLowerCase() === ".git");
  return isInside && !isGits ? undefined : real;
}

/**
 * The SHA-256 of every word that names a regular file below the configuration's directory, by word: whoever can change
 * the repository could change these after they were trusted.
 *
 * @throws UnavailableError for such a file that cannot be read
 */
export function digestsInside(directory: string, words: Iterable<string>): readonly (readonly [string, string])[] {
  const real = realpathSync(directory);
  return [...new Set(words)].flatMap((word) => {
    const file = path.resolve(directory, word);
    if (!isRegular(file)) return [];
    const isInside = isBelow(path.relative(directory, file)) || isBelow(path.relative(real, realpathSync(file)));
    return isInside ? [[word, digestOf(file)] as const] : [];
  });
}

function isBelow(relative: string): boolean {
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The real path of a directory, of which only some ancestor need be there. */
function realOfNearest(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || path.dirname(directory) === directory) {
      throw fileError("examine the directory", directory, error);
    }
    return path.join(realOfNearest(path.dirname(directory)), path.basename(directory));
  }
}

function isRegular(file: string): boolean {
  try {
    return !file.includes("\0") && statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    // A word that is no path: too long for one, or through something that is no directory.
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

function digestOf(file: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(65_536);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) return "no regular file";
    for (let length = 1; length > 0;) {
      length = readSync(descriptor, chunk);
      hash.update(chunk.subarray(0, length));
    }
    return hash.digest("hex");
  } catch (error) {
    throw fileError("read", file, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
