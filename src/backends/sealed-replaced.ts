import { statSync } from "node:fs";
import { isSecretsError } from "../errors.js";
import type { ErrorCode } from "../errors.js";

/** What a key and a store that do not belong together look like: no recipient, no writer, another key. */
const mismatches: ReadonlySet<ErrorCode> = new Set(["locked", "denied", "integrity"]);

/**
 * Key and store are two files and cannot be read in one step. When the key was replaced between the one and the other,
 * what they say together is not true of either moment: then the work is done once more.
 *
 * @param file - the store
 * @param work - reads key and store, and changes neither before it knows that they belong together
 */
export async function againIfReplaced<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = versionOf(file);
  try {
    return await work();
  } catch (error) {
    if (!isSecretsError(error) || !mismatches.has(error.code) || versionOf(file) === before) throw error;
    return work();
  }
}

/** Every write of a store makes a new file. */
function versionOf(file: string): string {
  try {
    const status = statSync(file, { throwIfNoEntry: false });
    return `${status?.ino} ${status?.mtimeMs} ${status?.size}`;
  } catch {
    return "";
  }
}
