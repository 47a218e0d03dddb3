import { proveIdentity } from "../domain/identity.js";
import type { ProvenIdentity, RuntimeIdentity } from "../domain/identity.js";
import type { Keyholder } from "../domain/keyholder.js";
import { principalOf } from "../domain/principal.js";
import type { PrincipalRule } from "../domain/principal.js";
import { discoverMachine, provedSubstrate } from "./substrate.js";

/**
 * `attested` when the machine and substrate of the identity are those this process runs on and in; otherwise, and when
 * the identity names no substrate, `claimed`. Environment variables prove nothing: the substrate is judged by files.
 */
export function attestIdentity(identity: RuntimeIdentity): ProvenIdentity {
  return attest(identity, { machine: discoverMachine(), substrate: provedSubstrate() });
}

/** As {@link attestIdentity}, given what was found. For its tests: a caller that could say it would attest itself. */
export function attest(
  identity: RuntimeIdentity,
  found: { readonly machine: string; readonly substrate: string | undefined },
): ProvenIdentity {
  const { machine, substrate } = identity;
  const isHere = machine === found.machine && substrate !== undefined && substrate === found.substrate;
  return proveIdentity(identity, isHere ? "attested" : "claimed");
}

/**
 * `verified` when a keyholder has the age recipient of the private key this process holds and may act as the principal
 * of the identity; otherwise the identity as it was proved before.
 *
 * @param recipient - `age1…`, derived by the caller from a private key it has read: possession is what is proved
 */
export function verifyByKey(
  proven: ProvenIdentity,
  recipient: string,
  known: {
    readonly keyholders?: readonly Keyholder[] | undefined;
    readonly principals?: readonly PrincipalRule[] | undefined;
  },
): ProvenIdentity {
  const principal = principalOf(proven.identity, known.principals);
  const isHolder = known.keyholders?.some(
    (keyholder) => keyholder.age === recipient && principal !== undefined && keyholder.principals.includes(principal),
  );
  return isHolder === true ? proveIdentity(proven.identity, "verified") : proven;
}
