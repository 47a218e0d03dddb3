import type { BackendContext } from "../backends/contract.js";
import { sealedLocation } from "../backends/sealed.js";
import type { SealedLocation } from "../backends/sealed.js";
import { keyholdersFor } from "../domain/keyholder.js";
import type { Keyholder } from "../domain/keyholder.js";
import { ConfigurationError, quote } from "../errors.js";
import { refuseTrackedKey } from "../age/key-load.js";
import type { Arguments } from "./arguments.js";
import { askPassphrase } from "./session.js";
import type { Configuration } from "./session.js";

/** A sealed store of the configuration: `--store`, else the only one. */
export interface ConfiguredSealed extends SealedLocation {
  readonly name: string;
}

/** @throws ConfigurationError when there is none, several and none was named, or its key is tracked by git */
export function sealedStoreOf(configuration: Configuration, args: Arguments): ConfiguredSealed {
  configuration.requireTrust();
  const { config } = configuration;
  const wanted = args.option("store");
  const sealed = [...config.stores.values()].filter((store) => store.backend === "sealed");
  const [store] = wanted === undefined ? sealed : sealed.filter(({ name }) => name === wanted);
  if (store === undefined) {
    const which = wanted === undefined ? "there is no sealed store" : `there is no sealed store ${quote(wanted)}`;
    throw new ConfigurationError(`${which} in the configuration`);
  }
  if (wanted === undefined && sealed.length > 1) {
    const names = sealed.map(({ name }) => quote(name)).join(", ");
    throw new ConfigurationError(`there are several sealed stores: ${names}`, [], { hint: "name one with --store" });
  }
  const location = sealedLocation(store, contextOf(configuration, askPassphrase));
  refuseTrackedKey(location.key, configuration.baseDirectory);
  return { name: store.name, ...location };
}

/** What a sealed store may know of its surroundings outside any SecretsApi. */
export function contextOf(
  {
    baseDirectory,
    stateDirectory,
    allowInsecurePermissions,
  }: Pick<Configuration, "baseDirectory" | "stateDirectory" | "allowInsecurePermissions">,
  ask: (question: string) => Promise<string | undefined>,
): BackendContext {
  return {
    baseDirectory,
    stateDirectory,
    environment: process.env,
    now: Date.now,
    keyholdersFor: () => undefined,
    openStore: (name) => {
      throw new ConfigurationError(`a sealed store has no member ${quote(name)}`);
    },
    allowInsecurePermissions,
    askPassphrase: ask,
  };
}

/**
 * The policies of the configuration whose values a keyholder must be able to decrypt, those without a value yet included:
 * a machine that is let in first reads what is set later.
 */
export function policiesOf(keyholder: Keyholder, { config }: Configuration): readonly string[] {
  const allowing = [...config.policies.values()].filter((policy) => keyholdersFor(policy, [keyholder]).length > 0);
  return allowing.map(({ name }) => name).toSorted();
}
