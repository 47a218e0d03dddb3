import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UnavailableError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { makePrivateDirectory } from "../files/private.js";
import { isPrivateDirectory } from "./cache-files.js";

const daysKept = 30;

/**
 * Stores an entry of the cache, 0600 in a 0700 directory, and removes entries, and compiled code, of the last month but one.
 *
 * @returns whether it was stored; a cache that cannot be written costs time and nothing else
 */
export function writeEntry(directory: string, name: string, parts: readonly Uint8Array[]): boolean {
  try {
    makePrivateDirectory(directory);
    if (!isPrivateDirectory(directory)) return false;
    writeFileAtomically(join(directory, name), Buffer.concat(parts), { mode: 0o600 });
    removeOld(directory);
    return true;
  } catch (error) {
    if (error instanceof UnavailableError) return false;
    throw error;
  }
}

function removeOld(directory: string): void {
  const limit = Date.now() - daysKept * 86_400_000;
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    if (!/^(?:config|code)-/.test(name)) continue;
    const status = lstatSync(file, { throwIfNoEntry: false });
    if (status !== undefined && status.mtimeMs < limit) rmSync(file, { force: true });
  }
}
