import { statusOf } from "./status.js";
import type { GpgStatus, StatusLine } from "./status.js";

/**
 * The events of each file of a `gpg --decrypt-files`, from its `FILE_START` to its `FILE_DONE` (GnuPG's doc/DETAILS).
 *
 * @returns by the name of the file; nothing for a file that was not done, was named twice, or whose events are mixed with
 *   another's
 */
export function statusesOfFiles({ lines }: GpgStatus): ReadonlyMap<string, GpgStatus> {
  const done = new Map<string, GpgStatus>();
  const spoilt = new Set<string>();
  let name: string | undefined;
  let events: StatusLine[] = [];
  for (const line of lines) {
    if (line.keyword === "FILE_START") {
      if (name !== undefined) spoilt.add(name);
      // The operation, 3 for decryption, and the name.
      name = /^3 (.*)$/.exec(line.rest)?.[1];
      events = [];
      if (name !== undefined && done.has(name)) spoilt.add(name);
    } else if (line.keyword === "FILE_DONE") {
      if (name !== undefined) done.set(name, statusOf(events));
      name = undefined;
    } else events.push(line);
  }
  for (const each of spoilt) done.delete(each);
  return done;
}
