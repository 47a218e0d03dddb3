import { InvalidInputError, quote } from "../errors.js";
import { compareText } from "./grammar.js";
import { recipientKey } from "./edit.js";
import type { RecipientRecord, SealedContents, SecretRecord } from "./records.js";

/** The parts of a store that are merged line by line. */
export type MergedRecords = Pick<SealedContents, "compartments" | "recipients" | "secrets">;

/** What a side without a common ancestor is compared with. */
export const nothing: MergedRecords = { compartments: [], recipients: [], secrets: [] };

/**
 * Merges the changes of two sides since their common ancestor. Neither values nor keys are looked at.
 *
 * @throws InvalidInputError naming what both sides changed, each in its own way
 */
export function mergeRecords(base: MergedRecords, ours: MergedRecords, theirs: MergedRecords): MergedRecords {
  const conflicts = new Set(ours.compartments.flatMap(({ policy }) => keyConflicts(policy, base, ours, theirs)));
  const secrets = mergeByKey(base.secrets, ours.secrets, theirs.secrets, (record) => record.path, conflicts);
  if (conflicts.size > 0) {
    const names = [...conflicts].toSorted(compareText).map(quote).join(", ");
    throw new InvalidInputError(`both sides changed ${names}`, {
      hint: "take one side with `git checkout --ours` or `--theirs`, then set again what the other side changed",
    });
  }
  // Both sides may raise an epoch or wrap the same key to the same recipient; either line serves.
  const settled = new Set<string>();
  return {
    compartments: mergeByKey(base.compartments, ours.compartments, theirs.compartments, (each) => each.policy, settled),
    recipients: mergeByKey(base.recipients, ours.recipients, theirs.recipients, recipientKey, settled),
    secrets,
  };
}

/**
 * A three-way merge of records by key. Of two different changes the one that sorts first is kept, and the key reported.
 *
 * @param conflicts - takes the keys that both sides changed differently
 */
function mergeByKey<R>(
  base: readonly R[],
  ours: readonly R[],
  theirs: readonly R[],
  key: (record: R) => string,
  conflicts: Set<string>,
): R[] {
  const sides = [base, ours, theirs].map((records) => new Map(records.map((record) => [key(record), record])));
  const keys = new Set([...ours, ...theirs].map(key));
  const merged: R[] = [];
  for (const each of [...keys].toSorted(compareText)) {
    const [was, our, their] = sides.map((side) => side.get(each));
    const [wasText, ourText, theirText] = [was, our, their].map((record) => JSON.stringify(record) ?? "");
    let chosen = our;
    if (ourText === wasText) chosen = their;
    else if (theirText !== wasText && theirText !== ourText) {
      conflicts.add(each);
      if (our === undefined || (their !== undefined && (theirText ?? "") < (ourText ?? ""))) chosen = their;
    }
    if (chosen !== undefined) merged.push(chosen);
  }
  return merged;
}

/**
 * What cannot be merged because a compartment has another key on each side: the paths that the side with the older key
 * changed, or the policy itself when both made a new key.
 */
function keyConflicts(policy: string, base: MergedRecords, ours: MergedRecords, theirs: MergedRecords): string[] {
  const [was, our, their] = [base, ours, theirs].map((side) => epochOf(side, policy));
  if (our === undefined || their === undefined) return [];
  if (our === their) return our === was || shareKey(policy, ours, theirs) ? [] : [policy];
  if (our !== was && their !== was) return [policy];
  const older = our === was ? ours : theirs;
  const changedPaths = changed(secretsOf(base, policy), secretsOf(older, policy), (record) => record.path);
  const addedRecipients = changed(recipientsOf(base, policy), recipientsOf(older, policy), () => policy);
  return [...changedPaths, ...addedRecipients];
}

/** A wrapped key is never made twice alike, so one line in common shows that both sides have the same key. */
export function shareKey(policy: string, ours: MergedRecords, theirs: MergedRecords): boolean {
  const wrapped = new Set(recipientsOf(ours, policy).map((record) => record.wrapped));
  return recipientsOf(theirs, policy).some((record) => wrapped.has(record.wrapped));
}

function changed<R>(before: readonly R[], after: readonly R[], name: (record: R) => string): string[] {
  const known = new Set(before.map((record) => JSON.stringify(record)));
  return after.filter((record) => !known.has(JSON.stringify(record))).map(name);
}

function epochOf(side: MergedRecords, policy: string): number | undefined {
  return side.compartments.find((record) => record.policy === policy)?.epoch;
}

function recipientsOf(side: MergedRecords, policy: string): readonly RecipientRecord[] {
  return side.recipients.filter((record) => record.policy === policy);
}

function secretsOf(side: MergedRecords, policy: string): readonly SecretRecord[] {
  return side.secrets.filter((record) => record.policy === policy);
}
