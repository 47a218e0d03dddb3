import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../files/errno.js";
import { inspectPrivate } from "../files/private.js";

const maximumBytes = 64 * 1024 * 1024;

/**
 * The bytes of an entry of the cache, if this user stored it and nobody else could have touched it. Anything doubtful (a
 * link, another owner, open permissions, an unreadable file) counts as not there.
 *
 * @param directory - the cache directory, absolute
 */
export function readEntry(directory: string, name: string): Buffer | undefined {
  const file = join(directory, name);
  let descriptor: number | undefined;
  try {
    if (!isPrivateDirectory(directory)) return undefined;
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    const isSound = inspectPrivate(file, status) === undefined && status.nlink === 1 && status.size <= maximumBytes;
    return isSound ? readFileSync(descriptor) : undefined;
  } catch (error) {
    if (errnoOf(error) !== undefined) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Whether only this user can use a directory, and it is one and no link to one. */
export function isPrivateDirectory(directory: string): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (status === undefined || !status.isDirectory()) return false;
  return process.platform === "win32" || (status.uid === process.geteuid?.() && (status.mode & 0o077) === 0);
}
