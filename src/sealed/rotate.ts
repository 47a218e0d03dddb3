import type { KeyObject } from "node:crypto";
import { IntegrityError, InvalidInputError, quote } from "../errors.js";
import { newCompartmentKey, unwrapCompartment } from "./compartments.js";
import type { NamedRecipient } from "./compartments.js";
import { recipientKey, replaceSorted } from "./edit.js";
import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import type { SealedContents, SecretRecord } from "./records.js";
import { updateStore } from "./update.js";
import { sealValue, valueOpener } from "./value.js";

/**
 * Gives a compartment a new key and encrypts its values anew, in one write. Versions and dates stay: the values are the
 * same.
 *
 * @throws InvalidInputError when there is no such compartment; LockedError when the identities cannot open it
 */
export async function rotateCompartment(
  place: StorePlace,
  identities: readonly Identity[],
  policy: string,
): Promise<void> {
  await updateStore(place, identities, async (contents) => {
    if (!contents.compartments.some((record) => record.policy === policy)) {
      throw new InvalidInputError(`there is no compartment ${quote(policy)}`);
    }
    const recipients = contents.recipients.filter((record) => record.policy === policy);
    return { contents: await withNewKey(contents, policy, identities, recipients), result: undefined };
  });
}

/**
 * The contents with a compartment under a new key that only these recipients receive.
 *
 * @throws LockedError when it holds values and the identities cannot open it
 */
export async function withNewKey(
  contents: SealedContents,
  policy: string,
  identities: readonly Identity[],
  recipients: readonly NamedRecipient[],
): Promise<SealedContents> {
  const isEmpty = contents.secrets.every((record) => record.policy !== policy);
  const oldKey = isEmpty ? undefined : await unwrapCompartment(contents, policy, identities);
  const { key, records } = await newCompartmentKey(policy, recipients);
  const others = contents.recipients.filter((record) => record.policy !== policy);
  return {
    ...contents,
    compartments: contents.compartments.map((record) =>
      record.policy === policy ? { policy, epoch: record.epoch + 1 } : record,
    ),
    recipients: replaceSorted(others, records, recipientKey),
    secrets: contents.secrets.map((record) =>
      record.policy === policy && oldKey !== undefined
        ? resealRecord(contents.storeId, record, oldKey, key, record)
        : record,
    ),
  };
}

/**
 * A record's value encrypted under another key or for another address. The version and date stay.
 *
 * @throws IntegrityError when it does not decrypt under the old key
 */
function resealRecord(
  storeId: string,
  record: SecretRecord,
  oldKey: KeyObject,
  newKey: KeyObject,
  address: Pick<SecretRecord, "path" | "policy">,
): SecretRecord {
  const sealed = Buffer.from(record.sealed, "base64");
  const open = valueOpener(oldKey, storeId, record.policy);
  const value = open(record.path, String(record.version), record.type, sealed, sealed.length);
  if (value === undefined) throw new IntegrityError(`${quote(record.path)} does not decrypt`);
  const { version, updated } = record;
  const { path, policy } = address;
  return { path, policy, version, updated, ...sealValue(newKey, storeId, { path, policy, version }, value) };
}
