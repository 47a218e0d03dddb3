import { dirname } from "node:path";
import type { SecretsConfig } from "../domain/config.js";
import { stateDirectory } from "../files/user-directories.js";
import { findConfig } from "./find-config.js";
import type { ConfigLocation } from "./find-config.js";
import { loadConfig } from "./load-config.js";
import type { LoadOptions } from "./load-config.js";

/** A configuration with everything a program needs to open its stores. */
export interface Runtime {
  /** The main file, absolute, and who named it. */
  readonly file: string;
  readonly source: ConfigLocation["source"];
  /** Every file that was read, the main one first. */
  readonly sources: readonly string[];
  readonly config: SecretsConfig;
  /** Relative files in the configuration are taken from here. */
  readonly baseDirectory: string;
  readonly stateDirectory: string;
}

/** What {@link loadRuntime} starts from. */
export interface RuntimeOptions extends LoadOptions {
  /** A file to use instead of `MXM_SECRETS_CONFIG` and of the nearest `mxm-secrets.yaml`. */
  readonly config?: string | undefined;
  readonly workingDirectory: string;
  /** Give an untrusted configuration back too, for a caller that opens no store. Default: false. */
  readonly allowUntrusted?: boolean;
}

/**
 * Finds, reads and checks the configuration for a working directory.
 *
 * @returns `undefined` when there is none
 * @throws ConfigurationError when it is faulty or not trusted
 */
export async function loadRuntime(options: RuntimeOptions): Promise<Runtime | undefined> {
  const location = findConfig(options);
  if (location === undefined) return undefined;
  const { config, files } = await loadConfig(location, options);
  const state = stateDirectory(options.environment);
  const { file, source } = location;
  if (options.allowUntrusted !== true) {
    const kinds = typeof options.kinds === "function" ? await options.kinds() : options.kinds;
    const { requireTrust } = await import("./trust.js");
    const { environment, profile } = options;
    requireTrust({ file, config, kinds, environment, profile, sources: files, stateDirectory: state });
  }
  return { file, source, sources: files, config, baseDirectory: dirname(file), stateDirectory: state };
}
