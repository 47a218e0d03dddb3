import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../errors.js";
import { errnoInWords, errnoOf } from "../../files/errno.js";
import type { Owner } from "../../files/owner.js";

/** How the directories with the files of running programs are named. */
export const directoryPrefix = "mxm-secrets-run-";

const directoryPattern = /^mxm-secrets-run-([0-9a-f]{16})-([1-9][0-9]{0,9})-([0-9]{1,20})-([0-9a-f]{24})$/;

/**
 * Removes what runs of this user left behind that were killed before they could: directories whose process is gone.
 * What belongs to anybody else, is open to anybody else, is no directory, or was made in another container is not touched.
 *
 * @param places - directories where files of programs may lie
 * @param warn - told of one that cannot be removed
 */
export async function removeAbandonedFiles(places: readonly string[], warn: (line: string) => void): Promise<void> {
  const found = places.flatMap((place) => directoriesIn(place));
  if (found.length === 0) return;
  const { isDead, newOwner } = await import("../../files/owner.js");
  const { hostMark } = await import("./secret-files.js");
  const us = await newOwner();
  const mark = hostMark(us.host);
  for (const directory of found) {
    const owner = ownerOf(directory, mark, us);
    if (owner !== undefined && isDead(owner, us) && isPrivate(directory)) remove(directory, warn);
  }
}

function remove(directory: string, warn: (line: string) => void): void {
  try {
    rmSync(directory, { recursive: true, force: true });
  } catch (error) {
    warn(`${quote(directory)}, left behind by a run that was killed, cannot be removed: ${errnoInWords(error)}`);
  }
}

function directoriesIn(place: string): readonly string[] {
  try {
    return readdirSync(place)
      .filter((name) => name.startsWith(directoryPrefix))
      .map((name) => join(place, name));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function ownerOf(directory: string, mark: string, us: Owner): Owner | undefined {
  const [, host, pid, start = "0", nonce = ""] =
    directoryPattern.exec(directory.slice(directory.lastIndexOf("/") + 1)) ?? [];
  if (host !== mark) return undefined;
  return { host: us.host, pid: Number(pid), nonce, ...(start === "0" ? {} : { start }) };
}

function isPrivate(directory: string): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === process.geteuid?.() && (status.mode & 0o077) === 0;
}
