import { allowWithoutConfiguration, grantFor } from "../authorization/authorize.js";
import type { BackendDefinition } from "../backends/contract.js";
import { stateDirectory as stateDirectoryOf } from "../files/user-directories.js";
import { requirePath } from "../domain/names.js";
import { Secret } from "../domain/secret.js";
import type { SecretPath } from "../domain/secret-names.js";
import { readAll } from "../backends/read-all.js";
import { builtInBackends } from "../backends/registry.js";
import { InvalidInputError, UnavailableError } from "../errors.js";
import { checkOptions } from "./request-shape.js";
import { SecretStoreRegistry } from "./registries.js";
import { Stores } from "./stores.js";

export interface OneCallOptions {
  /** Returned when neither store has the secret. It replaces absence only, never a failure. */
  readonly default?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Takes one line for each step, never a value. */
  readonly trace?: ((line: string) => void) | undefined;
  /** Accept a file that `NAME_FILE` names and others may read. */
  readonly allowInsecurePermissions?: boolean | undefined;
}

const optionKeys: ReadonlySet<string> = new Set([
  "default",
  "signal",
  "environment",
  "trace",
  "allowInsecurePermissions",
]);

const implicitStores = new SecretStoreRegistry([
  { name: "gopass", backend: "gopass", options: {} },
  { name: "env", backend: "env", options: {} },
  { name: "implicit", backend: "chain", options: { stores: ["gopass", "env"] } },
]);

/**
 * One secret without any configuration: from gopass, then from the environment (`prod/smtp-password` is
 * `PROD_SMTP_PASSWORD`), then the default. For scripts and CI; there is no policy, so this reads what the user can read.
 *
 * @param path - the name of the secret in gopass; where names are declared (`mxm-secrets types`), one of them or a text that
 *   cannot be a name, such as `prod/smtp-password`
 * @returns `options.default`, or `undefined` without one, when neither has it
 * @throws InvalidInputError for a malformed path or wrong options; LockedError, UnavailableError, IntegrityError when gopass is there
 *   and fails, because going on would silently use another secret
 */
export async function getSecret(path: SecretPath, options: OneCallOptions = {}): Promise<string | undefined> {
  return (await openSecretWithoutConfiguration(path, options))?.reveal() ?? options.default;
}

/** As {@link getSecret}, but opaque and without the default. */
export async function openSecretWithoutConfiguration(
  path: string,
  options: OneCallOptions,
): Promise<Secret | undefined> {
  if (typeof path !== "string") throw new InvalidInputError("`path`: expected a string");
  checkOptions(options, optionKeys);
  const environment = options.environment ?? process.env;
  const kinds = new Map<string, BackendDefinition>(builtInBackends.map((definition) => [definition.kind, definition]));
  const stores = new Stores(implicitStores, kinds, {
    baseDirectory: process.cwd(),
    environment,
    stateDirectory: stateDirectoryOf(environment),
    now: Date.now,
    keyholdersFor: () => undefined,
    allowInsecurePermissions: options.allowInsecurePermissions ?? false,
  });
  const ref = { name: requirePath(path), store: "implicit", path, policy: "none" };
  const grant = grantFor(allowWithoutConfiguration(), { action: "read" }, ref);
  try {
    const [value] = await readAll(stores.open("implicit"), [grant], { signal: options.signal, trace: options.trace });
    return value === undefined ? undefined : new Secret(path, value);
  } catch (error) {
    // No gopass, and a name that no variable can have: in a script that is as good as absent.
    if (error instanceof UnavailableError && error.reason !== "unreachable") return undefined;
    throw error;
  }
}
