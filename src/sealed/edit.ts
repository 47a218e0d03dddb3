import type { KeyObject } from "node:crypto";
import { newCompartmentKey, unwrapCompartment } from "./compartments.js";
import type { NamedRecipient } from "./compartments.js";
import { compareText, formatTime } from "./grammar.js";
import type { Identity } from "./identity.js";
import type { RecipientRecord, SealedContents, SecretRecord } from "./records.js";
import { sealValue } from "./value.js";

/** One value to store. */
export interface NewValue {
  readonly path: string;
  /** The compartment it goes to, whichever it was in before. */
  readonly policy: string;
  readonly value: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Records in the order of the file, `changed` in place of those with the same key. */
export function replaceSorted<R>(records: readonly R[], changed: readonly R[], key: (record: R) => string): R[] {
  const merged = new Map(records.map((record) => [key(record), record]));
  for (const record of changed) merged.set(key(record), record);
  return [...merged.values()].toSorted((a, b) => compareText(key(a), key(b)));
}

/** What sorts `recipient` lines, and tells them apart. */
export function recipientKey(record: RecipientRecord): string {
  return `${record.policy} ${record.recipient}`;
}

/** What sorts `secret` lines, and tells them apart. */
export function secretKey(record: SecretRecord): string {
  return record.path;
}

/**
 * The contents with one value set.
 *
 * @param self - the author, who alone receives the key of the compartment when there is none for this policy yet
 * @throws LockedError when the compartment exists and `identities` cannot open it
 */
export async function setValue(
  contents: SealedContents,
  { path, policy, value, now }: NewValue,
  identities: readonly Identity[],
  self: NamedRecipient,
): Promise<SealedContents> {
  const { contents: prepared, key } = await requireCompartment(contents, policy, identities, self);
  const before = contents.secrets.find((record) => record.path === path);
  const address = { path, policy, version: (before?.version ?? 0) + 1 };
  const record = { ...address, updated: formatTime(now), ...sealValue(key, contents.storeId, address, value) };
  return { ...prepared, secrets: replaceSorted(contents.secrets, [record], secretKey) };
}

/** The contents without one value, or `undefined` when there is none. */
export function removeValue(contents: SealedContents, path: string): SealedContents | undefined {
  const secrets = contents.secrets.filter((record) => record.path !== path);
  return secrets.length === contents.secrets.length ? undefined : { ...contents, secrets };
}

async function requireCompartment(
  contents: SealedContents,
  policy: string,
  identities: readonly Identity[],
  self: NamedRecipient,
): Promise<{ readonly contents: SealedContents; readonly key: KeyObject }> {
  if (contents.compartments.some((record) => record.policy === policy)) {
    return { contents, key: await unwrapCompartment(contents, policy, identities) };
  }
  const { key, records } = await newCompartmentKey(policy, [self]);
  const compartments = replaceSorted(contents.compartments, [{ policy, epoch: 1 }], (record) => record.policy);
  return {
    contents: { ...contents, compartments, recipients: replaceSorted(contents.recipients, records, recipientKey) },
    key,
  };
}
