import { IntegrityError, quote } from "../errors.js";
import { writerLine } from "./head.js";
import { shareKey } from "./merge-records.js";
import type { SealedContents, WriterEvent } from "./records.js";

const hint =
  "an older state is never merged, nor is what `git revert` makes of a store: set the earlier values again with `mxm-secrets set`";

/**
 * Refuses a side that cannot have come from the common ancestor by writing: whoever puts an older file on a branch would
 * else take values back, and let in again whom somebody removed.
 *
 * @param name - the side, for the message
 * @throws IntegrityError naming the first thing that is older
 */
export function requireDescendant(side: SealedContents, base: SealedContents, name: string): void {
  if (commonLength(base.writers, side.writers) < base.writers.length) {
    throw new IntegrityError(`cannot merge, ${name}: the list of writers does not continue the common ancestor's`, {
      hint: "take the side that was merged before with `git checkout --ours` or `--theirs`, and make the other's changes again",
    });
  }
  const refuse = (fault: string): never => {
    throw new IntegrityError(`cannot merge, ${name}: ${fault}`, { hint });
  };
  if (side.generation < base.generation) {
    refuse(`generation ${side.generation} is older than the common ancestor's ${base.generation}`);
  }
  const epochs = new Map(side.compartments.map(({ policy, epoch }) => [policy, epoch]));
  for (const { policy, epoch: was } of base.compartments) {
    const epoch = epochs.get(policy);
    if (epoch === undefined || epoch > was) continue;
    if (epoch < was) {
      refuse(
        `the key of compartment ${quote(policy)} is older than the common ancestor's (epoch ${epoch}, not ${was})`,
      );
    }
    if (!shareKey(policy, base, side)) refuse(`compartment ${quote(policy)} was made again under another key`);
  }
  const versions = new Map(side.secrets.map(({ path, version }) => [path, version]));
  for (const { path, version: was } of base.secrets) {
    const version = versions.get(path) ?? was;
    if (version < was) {
      refuse(`${quote(path)} is older than the common ancestor's (version ${version}, not ${was})`);
    }
  }
}

/** How many events two logs of writers have in common, from the first. */
export function commonLength(a: readonly WriterEvent[], b: readonly WriterEvent[]): number {
  let length = 0;
  for (const [index, event] of a.entries()) {
    const other = b[index];
    if (other === undefined || writerLine(event) !== writerLine(other)) break;
    length++;
  }
  return length;
}
