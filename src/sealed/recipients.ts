import { InvalidInputError, quote } from "../errors.js";
import { newCompartmentKey, unwrapCompartment, wrapCompartmentKey } from "./compartments.js";
import type { NamedRecipient } from "./compartments.js";
import { recipientKey, replaceSorted } from "./edit.js";
import { forms } from "./grammar.js";
import { requireRecipient } from "./identity.js";
import type { Identity } from "./identity.js";
import type { StorePlace } from "./pins.js";
import type { SealedContents } from "./records.js";
import { withNewKey } from "./rotate.js";
import { updateStore } from "./update.js";

/**
 * Gives a keyholder the keys of compartments. A compartment that is not there yet is made.
 *
 * @param policies - the compartments
 * @returns the policies whose key the recipient did not have before; nothing is written when there is none
 * @throws LockedError when the identities cannot open one of the compartments themselves
 * @throws InvalidInputError when the recipient is not an age recipient, the name not a keyholder's, or the file gives
 *   that name to another key
 */
export async function addRecipient(
  place: StorePlace,
  identities: readonly Identity[],
  recipient: NamedRecipient,
  policies: readonly string[],
): Promise<readonly string[]> {
  requireName(recipient.name);
  await requireRecipient(recipient.recipient);
  return updateStore(place, identities, async (contents, author) => {
    const self = { name: author.name, recipient: author.identity.recipient };
    requireUnbound([...contents.recipients, self], recipient);
    const missing = policies.filter((policy) => !has(contents, policy, recipient.recipient));
    let changed: SealedContents = contents;
    for (const policy of missing) {
      changed = await withRecipient(changed, policy, recipient, self, identities);
    }
    return { contents: missing.length === 0 ? undefined : changed, result: missing };
  });
}

/**
 * Takes compartments from a keyholder: each gets a new key, and its values are encrypted anew. What the keyholder read
 * before, it knows: such values must be replaced at their source. A compartment without values that nobody else receives
 * becomes the author's.
 *
 * @param recipient - the age recipient, or the keyholder's name
 * @param policies - the compartments; all by default
 * @returns the policies it was taken from; nothing is written when there is none
 * @throws InvalidInputError when a compartment would have no recipient left
 */
export async function removeRecipient(
  place: StorePlace,
  identities: readonly Identity[],
  recipient: string,
  policies?: readonly string[],
): Promise<readonly string[]> {
  return updateStore(place, identities, async (contents, author) => {
    const self = { name: author.name, recipient: author.identity.recipient };
    // A key that was let in under two names is one key.
    const named = contents.recipients.filter((record) => record.recipient === recipient || record.name === recipient);
    const keys = new Set(named.map((record) => record.recipient));
    const drops = contents.recipients.filter(
      (record) => keys.has(record.recipient) && (policies?.includes(record.policy) ?? true),
    );
    const affected = [...new Set(drops.map((record) => record.policy))];
    let changed: SealedContents = contents;
    for (const policy of affected) {
      const kept = contents.recipients.filter((record) => record.policy === policy && !drops.includes(record));
      const isEmpty = contents.secrets.every((record) => record.policy !== policy);
      if (kept.length === 0 && !isEmpty) {
        throw new InvalidInputError(`${quote(recipient)} is the last recipient of compartment ${quote(policy)}`, {
          hint: "add another recipient first: without one nobody could read its values",
        });
      }
      changed = await withNewKey(changed, policy, identities, kept.length === 0 ? [self] : kept);
    }
    return { contents: affected.length === 0 ? undefined : changed, result: affected };
  });
}

/**
 * A name stands for one key: whoever takes it out by name, or reads a list of names, relies on that.
 *
 * @param known - the recipients that the signed file names
 * @throws InvalidInputError when the name is bound to another recipient
 */
export function requireUnbound(known: readonly NamedRecipient[], { name, recipient }: NamedRecipient): void {
  if (known.every((line) => line.name !== name || line.recipient === recipient)) return;
  throw new InvalidInputError(`${quote(name)} holds another key already`, {
    hint: `take that one out first: mxm-secrets keys rm ${name}`,
  });
}

/** @throws InvalidInputError unless the text can stand as a keyholder's name in the file */
export function requireName(name: string): void {
  if (forms.name.accepts(name)) return;
  throw new InvalidInputError(`${quote(name)} is not a keyholder's name: ${forms.name.expectation}`);
}

async function withRecipient(
  contents: SealedContents,
  policy: string,
  recipient: NamedRecipient,
  self: NamedRecipient,
  identities: readonly Identity[],
): Promise<SealedContents> {
  if (contents.compartments.some((record) => record.policy === policy)) {
    const key = await unwrapCompartment(contents, policy, identities);
    const record = await wrapCompartmentKey(key, policy, recipient);
    return { ...contents, recipients: replaceSorted(contents.recipients, [record], recipientKey) };
  }
  if (!forms.policy.accepts(policy)) throw new InvalidInputError(`${quote(policy)} is not a policy's name`);
  const { records } = await newCompartmentKey(policy, [self, recipient]);
  return {
    ...contents,
    compartments: replaceSorted(contents.compartments, [{ policy, epoch: 1 }], (record) => record.policy),
    recipients: replaceSorted(contents.recipients, records, recipientKey),
  };
}

function has(contents: SealedContents, policy: string, recipient: string): boolean {
  return contents.recipients.some((record) => record.policy === policy && record.recipient === recipient);
}
