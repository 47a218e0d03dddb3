import type { SecretPolicy } from "./policy.js";

/** A machine or person that holds a private key, and the principals it may act as. */
export interface Keyholder {
  readonly name: string;
  /** An age recipient, `age1…` or `age1pq1…`. */
  readonly age?: string;
  /** A GPG fingerprint. */
  readonly gpg?: string;
  readonly principals: readonly string[];
  /** May sign changes to sealed stores. */
  readonly write: boolean;
}

/**
 * The keyholders that must be able to decrypt what a policy protects, and no others: those that may act as a principal
 * the policy allows and does not deny. Conditions on environment, machine or time cannot be enforced by a key.
 */
export function keyholdersFor(policy: SecretPolicy, keyholders: readonly Keyholder[]): readonly Keyholder[] {
  return keyholders.filter((keyholder) =>
    keyholder.principals.some(
      (principal) => policy.allowedPrincipals.includes(principal) && !policy.deniedPrincipals.includes(principal),
    ),
  );
}
