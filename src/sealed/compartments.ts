import { createSecretKey, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrityError, LockedError, quote } from "../errors.js";
import { encodeBase64 } from "./encoding.js";
import { wrapTo } from "./identity.js";
import type { Identity } from "./identity.js";
import type { RecipientRecord, SealedHead } from "./records.js";

const keyLength = 32;

/** A keyholder's name and age recipient. */
export interface NamedRecipient {
  readonly name: string;
  readonly recipient: string;
}

/**
 * The key of a compartment, from the line of the first identity that is one of its recipients.
 *
 * @throws LockedError when none of the identities is a recipient, naming those who are
 * @throws IntegrityError when such a line does not hold a key for it
 */
export async function unwrapCompartment(
  head: SealedHead,
  policy: string,
  identities: readonly Identity[],
): Promise<KeyObject> {
  for (const identity of identities) {
    const record = head.recipients.find((line) => line.policy === policy && line.recipient === identity.recipient);
    if (record === undefined) continue;
    const key = await identity.unwrap(Buffer.from(record.wrapped, "base64"));
    if (key?.length !== keyLength) {
      throw new IntegrityError(`the key of compartment ${quote(policy)} for ${quote(record.name)} is damaged`, {
        hint: "a writer who can read the compartment must run `mxm-secrets keys rm` and `keys add` for that keyholder",
      });
    }
    return createSecretKey(key);
  }
  throw notARecipient(head, policy);
}

/** Whether one of the identities is a recipient of the compartment. */
export function isRecipient(head: SealedHead, policy: string, identities: readonly Identity[]): boolean {
  return head.recipients.some(
    (line) => line.policy === policy && identities.some((identity) => identity.recipient === line.recipient),
  );
}

/** A new key with its `recipient` lines, in the order of the file. @throws InvalidInputError for a bad recipient */
export async function newCompartmentKey(
  policy: string,
  recipients: readonly NamedRecipient[],
): Promise<{ readonly key: KeyObject; readonly records: readonly RecipientRecord[] }> {
  const key = createSecretKey(randomBytes(keyLength));
  const distinct = new Map(recipients.map((each) => [each.recipient, each]));
  const records: RecipientRecord[] = [];
  for (const recipient of distinct.values()) records.push(await wrapCompartmentKey(key, policy, recipient));
  return { key, records };
}

/** The `recipient` line that gives one more keyholder the key of a compartment. */
export async function wrapCompartmentKey(
  key: KeyObject,
  policy: string,
  { name, recipient }: NamedRecipient,
): Promise<RecipientRecord> {
  return { policy, name, recipient, wrapped: encodeBase64(await wrapTo(recipient, key.export())) };
}

function notARecipient(head: SealedHead, policy: string): LockedError {
  const names = head.recipients.filter((line) => line.policy === policy).map((line) => quote(line.name));
  const holders = names.length === 0 ? "nobody is" : `these are: ${names.join(", ")}`;
  return new LockedError(`this key is no recipient of compartment ${quote(policy)}`, {
    hint: `${holders}; one of them who is a writer can run \`mxm-secrets keys add\` with your public key`,
  });
}
