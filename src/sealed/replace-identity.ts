import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import type { SealedContents } from "./records.js";
import { withNewKey } from "./rotate.js";
import { updateStore } from "./update.js";
import { appendWriterEvent, replayWriters } from "./writers.js";

/** What a replaced key had. */
export interface ReplacedIdentity {
  /** Its name in the log of writers, which the new one has now. */
  readonly name: string;
  readonly compartments: readonly string[];
}

/**
 * Puts a new identity in the place of the old ones in one write, signed by the new one: every compartment they could open
 * gets a new key, its values are encrypted anew, and the right to sign goes over. Other recipients and writers stay.
 *
 * @throws AccessDeniedError when none of the old identities is a writer
 */
export async function replaceIdentity(
  place: StorePlace,
  old: readonly Identity[],
  next: Identity,
): Promise<ReplacedIdentity> {
  return updateStore(place, old, async (contents, author) => {
    const retired = new Set(old.map(({ recipient }) => recipient));
    const self = { name: author.name, recipient: next.recipient };
    const own = contents.recipients.filter(({ recipient }) => retired.has(recipient)).map(({ policy }) => policy);
    const compartments = [...new Set(own)];
    let changed: SealedContents = contents;
    for (const policy of compartments) {
      const others = contents.recipients.filter((line) => line.policy === policy && !retired.has(line.recipient));
      changed = await withNewKey(changed, policy, old, [...others, self]);
    }
    const signer = next.writerKey();
    const add = { action: "add", name: author.name, key: signer.publicKey } as const;
    let writers = appendWriterEvent(contents, add, author.key);
    const current = replayWriters(contents, contents.writers.length);
    for (const identity of old) {
      const key = identity.writerKey().publicKey;
      const name = current.get(key);
      if (name !== undefined)
        writers = appendWriterEvent({ ...contents, writers }, { action: "remove", name, key }, signer);
    }
    return { contents: { ...changed, writers }, signer, result: { name: author.name, compartments } };
  });
}
