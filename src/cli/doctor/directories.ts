import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Finding } from "../../backends/contract.js";
import { quote, UnavailableError } from "../../errors.js";
import { errnoInWords } from "../../files/errno.js";
import { requirePrivateDirectory, shellWord } from "../../files/private.js";
import { cacheDirectory, stateDirectory, usedCacheDirectory } from "../../files/user-directories.js";
import { isPrivateDirectory } from "../../runtime/cache-files.js";
import type { CheckAnswer, CheckSection } from "../check-areas.js";
import { faultsOf, findingsOf } from "./subject.js";
import type { DoctorSubject } from "./subject.js";

type Severity = Finding["severity"];

/** The directories this program keeps something in, which are made when there is something to keep. */
export async function lookAtDirectories({ environment }: DoctorSubject): Promise<CheckAnswer> {
  const state = await directory("state directory", "problem", {
    find: () => stateDirectory(environment),
    inspect: requirePrivateDirectory,
  });
  const isOff = usedCacheDirectory(environment) === undefined && cacheDirectory(environment) !== undefined;
  const cached = isOff
    ? { title: "cache directory: MXM_SECRETS_NO_CACHE does without", path: undefined, findings: [] }
    : await directory("cache directory", "warning", {
        find: () => cacheDirectory(environment),
        inspect: requirePrivateCache,
      });
  return {
    data: {
      state: { path: state.path ?? null, findings: state.findings },
      cache: { path: cached.path ?? null, findings: cached.findings },
    },
    sections: [state, cached],
  };
}

/** How a directory of ours is found and inspected where it is there: as for the commands. What they throw is a finding. */
interface DirectoryRules {
  readonly find: () => string | undefined;
  readonly inspect: (path: string) => void;
}

/** A directory of ours, which need not be there yet. */
async function directory(
  what: string,
  severity: Severity,
  { find, inspect }: DirectoryRules,
): Promise<CheckSection & { readonly path: string | undefined }> {
  let path: string | undefined;
  try {
    path = find();
  } catch (thrown) {
    return { title: what, path, findings: findingsOf(thrown, severity) };
  }
  if (path === undefined) return { title: `${what}: none, there is no home directory`, path, findings: [] };
  const place = path;
  const faults = await faultsOf(severity, () => inspect(place));
  return { title: `${what} ${path}`, path, findings: faults.length > 0 ? faults : unusable(path, severity) };
}

/** What is in the cache is believed, so that the commands do without it where anybody else can so much as read it. */
function requirePrivateCache(path: string): void {
  if (!isThere(path) || isPrivateDirectory(path)) return;
  throw new UnavailableError(`${quote(path)} is not used: it is no directory of this user's alone`, {
    hint: `make it one: \`chmod 700 ${shellWord(path)}\`; everything works without it, slower`,
  });
}

function unusable(path: string, severity: Severity): readonly Finding[] {
  const there = nearestThere(path);
  const isDirectory = statSync(there, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isDirectory) return [{ severity, message: `${quote(there)} is no directory`, hint: "move it away" }];
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    return [];
  } catch (thrown) {
    const message = `nothing can be written to ${quote(there)}: ${errnoInWords(thrown)}`;
    return [{ severity, message, hint: "give it to this user, or choose another directory" }];
  }
}

/** The path, or what is there of the way to it; a link that leads nowhere is there. */
function nearestThere(path: string): string {
  for (let place = path; ; place = dirname(place)) {
    if (isThere(place) || place === dirname(place)) return place;
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Below a file, say: what is nearer says more.
    return false;
  }
}
