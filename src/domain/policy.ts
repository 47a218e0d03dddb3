import type { Assurance } from "./identity.js";

export const actions = ["read", "write"] as const;
export type Action = (typeof actions)[number];

/** Who may do what under which conditions. A condition that is absent does not restrict. */
export interface SecretPolicy {
  readonly name: string;
  readonly allowedPrincipals: readonly string[];
  readonly deniedPrincipals: readonly string[];
  readonly actions: readonly Action[];
  readonly environments?: readonly string[];
  readonly machines?: readonly string[];
  readonly apps?: readonly string[];
  readonly substrates?: readonly string[];
  /** The first moment at which the policy allows nothing any more, milliseconds since the epoch. */
  readonly expires?: number;
  readonly minAssurance?: Assurance;
  readonly requireReason?: boolean;
}
