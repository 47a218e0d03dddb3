import { randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrityError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { removeLeftovers } from "../files/leftovers.js";
import { newCompartmentKey } from "./compartments.js";
import { recipientKey, replaceSorted, secretKey } from "./edit.js";
import { encodeBase64 } from "./encoding.js";
import { parseSealed } from "./format.js";
import { formatTime } from "./grammar.js";
import type { Identity } from "./identity.js";
import { openSigned, signSealed } from "./manifest.js";
import { realFile } from "../files/real-file.js";
import { admit, requireRecordable } from "./pins.js";
import { expectSuccessor } from "./place.js";
import type { StorePlace } from "./place.js";
import { valueReader } from "./reader.js";
import type { RecipientRecord, SealedContents } from "./records.js";
import { modeOf } from "./update.js";
import { sealValue } from "./value.js";
import { appendWriterEvent } from "./writers.js";

/** A value of a store that is made with values in it. */
export interface InitialValue {
  readonly path: string;
  readonly policy: string;
  readonly value: Uint8Array;
}

/**
 * Puts a new store with these values in the place of a file of another format. Its only writer and recipient is the
 * identity. The new file is opened and each value compared before it takes the place of the old one; the process may be
 * killed at any moment and leaves the one or the other. The caller holds the lock.
 *
 * @param name - the writer's name
 * @throws IntegrityError when a value does not come back as it was; the old file is as it was then
 */
export async function replaceByStore(
  place: StorePlace,
  identity: Identity,
  { name, values, now }: { readonly name: string; readonly values: readonly InitialValue[]; readonly now: number },
): Promise<void> {
  const contents = await filled(identity, name, values, now);
  const bytes = signSealed(contents, identity.writerKey());
  await requireSame(bytes, identity, values);
  await requireRecordable(place, contents.storeId);
  await expectSuccessor(place, contents.storeId);
  removeLeftovers(realFile(place.file));
  writeFileAtomically(place.file, bytes, { mode: modeOf(place.file), compare: true });
  await admit(openSigned(bytes), place);
}

async function filled(
  identity: Identity,
  name: string,
  values: readonly InitialValue[],
  now: number,
): Promise<SealedContents> {
  const writer = identity.writerKey();
  const storeId = encodeBase64(randomBytes(16));
  const writers = appendWriterEvent({ storeId, writers: [] }, { action: "add", key: writer.publicKey, name }, writer);
  const policies = [...new Set(values.map(({ policy }) => policy))];
  const keys = new Map<string, KeyObject>();
  const recipients: RecipientRecord[] = [];
  for (const policy of policies) {
    const { key, records } = await newCompartmentKey(policy, [{ name, recipient: identity.recipient }]);
    keys.set(policy, key);
    recipients.push(...records);
  }
  const updated = formatTime(now);
  const secrets = values.flatMap(({ path, policy, value }) => {
    const key = keys.get(policy);
    const address = { path, policy, version: 1 };
    return key === undefined ? [] : [{ ...address, updated, ...sealValue(key, storeId, address, value) }];
  });
  return {
    storeId,
    generation: 1,
    writers,
    compartments: replaceSorted(
      [],
      policies.map((policy) => ({ policy, epoch: 1 })),
      (record) => record.policy,
    ),
    recipients: replaceSorted([], recipients, recipientKey),
    secrets: replaceSorted([], secrets, secretKey),
  };
}

async function requireSame(bytes: Buffer, identity: Identity, values: readonly InitialValue[]): Promise<void> {
  const { contents } = parseSealed(bytes);
  const reader = valueReader(openSigned(bytes), [identity]);
  for (const { path, value } of values) {
    const read = await reader.read(path);
    if (read === undefined || !read.equals(value)) throw notSame(path);
  }
  if (contents.secrets.length !== values.length) throw notSame("the number of values");
}

function notSame(what: string): IntegrityError {
  return new IntegrityError(`${quote(what)} does not come back from the new store as it was; nothing was changed`);
}
