import { lstatSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigurationError, quote } from "../errors.js";
import { errnoOf, fileError } from "../files/errno.js";
import type { Environment } from "../files/user-directories.js";

/** The name of a configuration that is found and not given. */
export const configFileName = "mxm-secrets.yaml";

/** Which configuration file is meant, and who said so. */
export interface ConfigLocation {
  /** Absolute, symbolic links not resolved. */
  readonly file: string;
  readonly source: "--config" | "MXM_SECRETS_CONFIG" | "found";
  /** A user id whose files are as good as this user's own. */
  readonly owner?: number;
}

/**
 * The configuration file of a command: the one given, else `MXM_SECRETS_CONFIG`, else the nearest `mxm-secrets.yaml`
 * from the working directory upwards, no further than the root of the repository (the directory with `.git`).
 *
 * @returns `undefined` when none is given and none is found; a file that is given need not exist
 * @throws UnavailableError when a directory on the way cannot be searched
 */
export function findConfig(options: {
  readonly config?: string | undefined;
  readonly environment: Environment;
  readonly workingDirectory: string;
}): ConfigLocation | undefined {
  const { config, environment, workingDirectory } = options;
  if (config !== undefined) return { file: resolve(workingDirectory, config), source: "--config" };
  const named = environment["MXM_SECRETS_CONFIG"];
  if (named !== undefined && named !== "") {
    return { file: resolve(workingDirectory, named), source: "MXM_SECRETS_CONFIG" };
  }
  for (let directory = resolve(workingDirectory); ; directory = dirname(directory)) {
    const file = join(directory, configFileName);
    if (isThere(file)) return { file, source: "found" };
    if (isThere(join(directory, ".git")) || dirname(directory) === directory) return undefined;
  }
}

/**
 * Refuses a configuration that somebody else may have written: one that everybody can write to, and, when it was found
 * and not given, one of another user (as git does with `safe.directory`): a file left in `/tmp` must not decide where
 * the secrets of whoever works below it come from.
 *
 * @param status - from `fstat` of the opened file
 * @throws ConfigurationError
 */
export function requireOwnConfig(location: ConfigLocation, status: Stats): void {
  if (process.platform === "win32") return;
  const { file } = location;
  if ((status.mode & 0o002) !== 0) {
    throw new ConfigurationError(`everybody can write to the configuration ${quote(file)}`, [], {
      hint: "take that right away: `chmod o-w` the file",
    });
  }
  if (location.source !== "found") return;
  const foreign = [status, lstatSync(file), statSync(dirname(file))].find(
    (each) => isForeign(each) && each.uid !== location.owner,
  );
  if (foreign !== undefined) {
    throw new ConfigurationError(`the configuration ${quote(file)} belongs to another user (uid ${foreign.uid})`, [], {
      hint: "if you trust that user, name the file: `--config FILE` or MXM_SECRETS_CONFIG",
    });
  }
}

function isForeign(status: Stats): boolean {
  const user = process.geteuid?.();
  return user !== undefined && status.uid !== user && status.uid !== 0;
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR") return false;
    throw fileError("look for", file, error);
  }
}
