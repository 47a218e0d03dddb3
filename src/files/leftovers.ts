import { lstatSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryStart } from "./atomic.js";

/** No write takes this long, on the slowest of network disks neither. */
const abandonedAfterMilliseconds = 10 * 60 * 1000;

/**
 * Removes the new files beside a file that killed writers never got to rename. For the holder of the file's lock, who
 * knows that nobody is at work on them.
 */
export function removeLeftovers(file: string): void {
  for (const leftover of leftoversOf(file)) rmSync(leftover, { force: true });
}

/**
 * The same for a file that is written without a lock: those which have not been touched for ten minutes, because another
 * writer may be at work on a newer one. What cannot be removed stays: it must not cost the caller its own write.
 */
export function removeAbandoned(file: string): void {
  try {
    for (const leftover of leftoversOf(file)) if (isAbandoned(leftover)) rmSync(leftover, { force: true });
  } catch {
    // The directory cannot be listed, or another process was quicker.
  }
}

/** The names that `writeFileAtomically` gives its new files. */
function leftoversOf(file: string): readonly string[] {
  const directory = dirname(file);
  const start = temporaryStart(file);
  return readdirSync(directory)
    .filter((name) => name.startsWith(start) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length)))
    .map((name) => join(directory, name));
}

function isAbandoned(leftover: string): boolean {
  const status = lstatSync(leftover);
  const isOurs = status.isFile() && status.uid === (process.geteuid?.() ?? status.uid);
  return isOurs && Date.now() - status.mtimeMs > abandonedAfterMilliseconds;
}
