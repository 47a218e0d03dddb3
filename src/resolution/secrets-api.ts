import { parseConfigData } from "../domain/config.js";
import type { SecretsConfig } from "../domain/config.js";
import { formatProblem } from "../domain/problem.js";
import { ConfigurationError } from "../errors.js";
import { kindsOf, partsOf, SecretsAccess } from "./access.js";
import type { SecretsApiOptions } from "./options.js";

/**
 * Gives an application its secrets by name, each after a decision. Loads no file, infers no identity, keeps no value.
 */
export class SecretsApi extends SecretsAccess {
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
