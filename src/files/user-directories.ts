import { isAbsolute, join, resolve } from "node:path";
import { UnavailableError } from "../errors.js";

/** Environment variables, as the caller passes them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this user's pins, anchors, high-water marks and trust are kept: `MXM_SECRETS_STATE`, else
 * `$XDG_STATE_HOME/mxm-secrets`, else `~/.local/state/mxm-secrets`. Absolute; made by whoever writes there.
 *
 * @throws UnavailableError when no home directory is known
 */
export function stateDirectory(environment: Environment): string {
  return directoryFor(environment, "MXM_SECRETS_STATE", "XDG_STATE_HOME", ".local/state");
}

/**
 * Where parsed configurations are kept, and what else is made once and used later: `MXM_SECRETS_CACHE`, else `$XDG_CACHE_HOME/mxm-secrets`, else
 * `~/.cache/mxm-secrets`. `undefined` for a user without a home directory, who has no cache then.
 */
export function cacheDirectory(environment: Environment): string | undefined {
  try {
    return directoryFor(environment, "MXM_SECRETS_CACHE", "XDG_CACHE_HOME", ".cache");
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

/** The same, and `undefined` when `MXM_SECRETS_NO_CACHE` turns it off. */
export function usedCacheDirectory(environment: Environment): string | undefined {
  const off = environment["MXM_SECRETS_NO_CACHE"];
  return off === undefined || off === "" || off === "0" ? cacheDirectory(environment) : undefined;
}

function directoryFor(environment: Environment, own: string, xdg: string, underHome: string): string {
  const chosen = environment[own];
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  const base = environment[xdg];
  // The XDG specification says that a relative path there must be ignored.
  if (base !== undefined && isAbsolute(base)) return join(base, "mxm-secrets");
  return join(homeDirectory(environment, own), underHome, "mxm-secrets");
}

function homeDirectory(environment: Environment, alternative: string): string {
  const home = environment["HOME"];
  if (home !== undefined && isAbsolute(home)) return home;
  try {
    // Not imported: almost every process has HOME, and none should pay for `node:os` then.
    return process.getBuiltinModule("node:os").userInfo().homedir;
  } catch (cause) {
    throw new UnavailableError("this user has no home directory", { cause, hint: `set HOME or ${alternative}` });
  }
}
