import { builtInBackends } from "../backends/registry.js";
import type { BackendDefinition } from "../backends/contract.js";
import type { SecretsApiOptions } from "../resolution/options.js";
import { SecretsApi } from "../resolution/secrets-api.js";
import { loadRuntime } from "./context.js";

/** Where to look for a configuration, and what the SecretsApi gets besides it. */
export interface LoadSecretsApiOptions extends Omit<SecretsApiOptions, "baseDirectory" | "stateDirectory"> {
  /** A file, instead of `MXM_SECRETS_CONFIG` and of the nearest `mxm-secrets.yaml`. */
  readonly config?: string;
  /** A profile of the configuration to lay over it. */
  readonly profile?: string;
  /** Where the search begins. Default: the current directory. */
  readonly workingDirectory?: string;
}

/**
 * A SecretsApi from the configuration file the command line would use.
 *
 * @returns `undefined` when there is no configuration
 * @throws ConfigurationError when it is faulty, or has a part that needs trust and was not given it
 */
export async function loadSecretsApi(options: LoadSecretsApiOptions = {}): Promise<SecretsApi | undefined> {
  const { config: _config, profile: _profile, workingDirectory: _directory, ...rest } = options;
  const { environment, ...found } = runtimeOptions(options);
  const runtime = await loadRuntime({ ...found, environment });
  if (runtime === undefined) return undefined;
  const { baseDirectory, stateDirectory } = runtime;
  return SecretsApi.fromConfig(runtime.config, { ...rest, environment, baseDirectory, stateDirectory });
}

/** What {@link loadRuntime} takes for these options. */
export function runtimeOptions({ config, profile, workingDirectory = process.cwd(), ...rest }: LoadSecretsApiOptions) {
  const definitions: readonly BackendDefinition[] = [...builtInBackends, ...(rest.backends ?? [])];
  const kinds = new Map(definitions.map((definition) => [definition.kind, definition.options]));
  return { config, profile, workingDirectory, environment: rest.environment ?? process.env, kinds };
}
