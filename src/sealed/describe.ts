import type { SealedContents } from "./records.js";
import { replayWriters, writerLogFingerprint } from "./writers.js";

/** What may be told about a store: names and numbers, no value and no ciphertext. */
export interface StoreDescription {
  readonly storeId: string;
  readonly generation: number;
  /** Of the whole log of writers: what `MXM_SECRETS_WRITERS` takes. */
  readonly fingerprint: string;
  readonly writers: readonly { readonly name: string; readonly key: string }[];
  readonly compartments: readonly {
    readonly policy: string;
    readonly epoch: number;
    readonly secrets: number;
    readonly recipients: readonly { readonly name: string; readonly recipient: string }[];
  }[];
}

/** Describes contents whose signature was checked. @throws IntegrityError when the log of writers does not hold */
export function describeContents(contents: SealedContents): StoreDescription {
  const writers = [...replayWriters(contents)].map(([key, name]) => ({ name, key }));
  const counts = new Map<string, number>();
  for (const { policy } of contents.secrets) counts.set(policy, (counts.get(policy) ?? 0) + 1);
  const compartments = contents.compartments.map(({ policy, epoch }) => ({
    policy,
    epoch,
    secrets: counts.get(policy) ?? 0,
    recipients: contents.recipients
      .filter((record) => record.policy === policy)
      .map(({ name, recipient }) => ({ name, recipient })),
  }));
  const { storeId, generation } = contents;
  return { storeId, generation, fingerprint: writerLogFingerprint(contents), writers, compartments };
}
