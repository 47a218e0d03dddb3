import { parseConfigData } from "../domain/config.js";
import type { SecretsConfig } from "../domain/config.js";
import { formatProblem } from "../domain/problem.js";
import { ConfigurationError } from "../errors.js";
import { builtInBackends } from "../backends/registry.js";
import type { BackendDefinition } from "../backends/contract.js";
import { partsOf, SecretsAccess } from "./access.js";
import type { Kinds } from "./access.js";
import type { SecretsApiParts } from "./api-types.js";
import type { SecretsApiOptions } from "./options.js";

/**
 * Gives an application its secrets by name, each after a decision. Loads no file, infers no identity, keeps no value.
 */
export class SecretsApi extends SecretsAccess {
  constructor(parts: SecretsApiParts, options: SecretsApiOptions = {}) {
    super(parts, kindsOf(options.backends), options);
  }

  /**
   * @param data - plain data in the shape of the configuration file (docs/configuration.md)
   * @throws ConfigurationError holding every fault of the data, each with its path
   */
  static fromConfigData(data: unknown, options: SecretsApiOptions = {}): SecretsApi {
    const tables = new Map([...kindsOf(options.backends)].map(([kind, definition]) => [kind, definition.options]));
    const { config, problems } = parseConfigData(data, tables);
    if (problems.length > 0) {
      throw new ConfigurationError(problems.map(formatProblem).join("; "), problems);
    }
    return SecretsApi.fromConfig(config, options);
  }

  /** As {@link SecretsApi.fromConfigData}, for a configuration that was parsed before. */
  static fromConfig(config: SecretsConfig, options: SecretsApiOptions = {}): SecretsApi {
    return new SecretsApi(partsOf(config), options);
  }
}

/** The built-in backends and the caller's own, by kind. */
function kindsOf(own: readonly BackendDefinition[] | undefined): Kinds {
  return new Map([...builtInBackends, ...(own ?? [])].map((definition) => [definition.kind, definition]));
}
