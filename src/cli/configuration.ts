import { ConfigurationError } from "../errors.js";
import { loadRuntime } from "../runtime/context.js";
import type { Runtime } from "../runtime/context.js";
import type { Arguments } from "./arguments.js";
import { build } from "./version.js";
import { workingDirectory } from "./working-directory.js";

/**
 * The configuration of a command, for one that opens no store: nothing that does is loaded, and it need not be trusted.
 *
 * @returns `undefined` when there is no configuration file
 * @throws ConfigurationError for a faulty one
 */
export async function readConfiguration(args: Arguments): Promise<Runtime | undefined> {
  return loadRuntime({
    config: args.option("config"),
    profile: args.option("profile"),
    environment: process.env,
    workingDirectory: workingDirectory(),
    checkedBy: build,
    kinds: async () => (await import("../backends/registry.js")).builtInKinds(),
    allowUntrusted: true,
  });
}

/** As {@link readConfiguration}. @throws ConfigurationError when there is none */
export async function requireConfigurationFile(args: Arguments): Promise<Runtime> {
  return (await readConfiguration(args)) ?? refuse();
}

/** @throws ConfigurationError: there is no configuration */
export function refuse(): never {
  throw new ConfigurationError("there is no mxm-secrets.yaml here or above", [], {
    hint: "`mxm-secrets init` makes one; --config or MXM_SECRETS_CONFIG name one elsewhere",
  });
}
