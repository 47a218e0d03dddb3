import { relative } from "node:path";
import type { SecretsConfig } from "../domain/config.js";
import type { OptionTable } from "../domain/store.js";
import { ConfigurationError, quote } from "../errors.js";
import { readChecked } from "./checked-cache.js";
import { usedCacheDirectory } from "../files/user-directories.js";
import type { Environment } from "../files/user-directories.js";
import type { ConfigLocation } from "./find-config.js";
import { localFileOf, readConfigFile } from "./read-config.js";

/** A configuration read from its files, checked. */
export interface LoadedConfig {
  readonly config: SecretsConfig;
  /** The files read, the main one first. Absolute. */
  readonly files: readonly string[];
  /** Whether all of it came from the cache. */
  readonly isCached: boolean;
}

/** The kinds of store there are, each with its options. */
export type Kinds = ReadonlyMap<string, OptionTable>;

export interface LoadOptions {
  readonly environment: Environment;
  /** The kinds of store there are, or what loads them: a configuration checked before needs none. */
  readonly kinds: Kinds | (() => Promise<Kinds>);
  /**
   * The build of the program that calls, which stands for `kinds` and everything that checks: a configuration it has
   * checked is not checked again. Without it only what was parsed is kept.
   */
  readonly checkedBy?: string | undefined;
  readonly profile?: string | undefined;
  /** Files below it are named relative to it in problems. */
  readonly workingDirectory?: string | undefined;
}

/**
 * Reads a configuration: the file, `….local.yaml` beside it laid over, then the profile, then the variables put in, then
 * everything checked.
 *
 * @throws ConfigurationError with every problem, each with its file and line
 */
export async function loadConfig(location: ConfigLocation, options: LoadOptions): Promise<LoadedConfig> {
  const { checkedBy, environment, profile, workingDirectory } = options;
  const show = (file: string): string => shownPath(file, workingDirectory);
  const main = readConfigFile(location);
  if (main === undefined) {
    throw new ConfigurationError(`no configuration file ${quote(show(location.file))}`, [], {
      hint: location.source === "MXM_SECRETS_CONFIG" ? "check MXM_SECRETS_CONFIG" : "`mxm-secrets init` makes one",
    });
  }
  // Nobody named this one, so it must not be a stranger's, even beside a file that was named.
  const local = readConfigFile({ file: localFileOf(location.file), source: "found", owner: main.owner });
  const files = local === undefined ? [main] : [main, local];
  const cache = usedCacheDirectory(environment);
  const checked =
    cache === undefined || checkedBy === undefined ? undefined : readChecked(cache, { checkedBy, profile, files });
  if (checked !== undefined) return { config: checked, files: files.map(({ file }) => file), isCached: true };
  const { parseConfig } = await import("./parse-config.js");
  const shown = files.map((each) => ({ ...each, shown: show(each.file) }));
  return parseConfig(shown, options, cache);
}

function shownPath(file: string, workingDirectory: string | undefined): string {
  const shown = workingDirectory === undefined ? file : relative(workingDirectory, file);
  return shown.startsWith("..") ? file : shown;
}
