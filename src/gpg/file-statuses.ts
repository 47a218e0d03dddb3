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
  let current: { readonly name: string; readonly events: StatusLine[] } | undefined;
  for (const line of lines) {
    if (line.keyword === "FILE_START") {
      if (current !== undefined) spoilt.add(current.name);
      // The operation, 3 for decryption, and the name.
      const name = /^3 (.*)$/.exec(line.rest)?.[1];
      if (name !== undefined && done.has(name)) spoilt.add(name);
      current = name === undefined ? undefined : { name, events: [] };
    } else if (line.keyword !== "FILE_DONE") current?.events.push(line);
    else if (current !== undefined) {
      done.set(current.name, statusOf(current.events));
      current = undefined;
    }
  }
  for (const name of spoilt) done.delete(name);
  return done;
}
