import type { ProvenIdentity } from "../domain/identity.js";
import { sealedLocation } from "../backends/sealed.js";
import { SecretsError } from "../errors.js";
import { verifyByKey } from "../runtime/attest.js";
import { askPassphrase } from "./session.js";
import type { Configuration } from "./session.js";
import { contextOf } from "./sealed-store.js";

/**
 * Raises an identity to `verified` when a key of a sealed store here belongs to a keyholder that may act as its
 * principal. A key that is missing or locked proves nothing, and the identity stays what it was.
 */
export async function proveByKey(identity: ProvenIdentity, configuration: Configuration): Promise<ProvenIdentity> {
  configuration.requireTrust();
  const { config } = configuration;
  let proven = identity;
  for (const store of config.stores.values()) {
    if (store.backend !== "sealed") continue;
    for (const recipient of await recipientsOf(sealedLocation(store, contextOf(configuration, askPassphrase)))) {
      proven = verifyByKey(proven, recipient, config);
    }
  }
  return proven;
}

async function recipientsOf(location: ReturnType<typeof sealedLocation>): Promise<readonly string[]> {
  try {
    return (await location.identities()).map(({ recipient }) => recipient);
  } catch (thrown) {
    if (thrown instanceof SecretsError && thrown.code === "locked") return [];
    throw thrown;
  }
}
