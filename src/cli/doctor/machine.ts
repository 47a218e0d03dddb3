import { accessSync, constants, lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Finding } from "../../backends/contract.js";
import { memoryCandidates, memoryPlace } from "../../delivery/run/memory-place.js";
import { loadPtyBinding } from "../../delivery/run/pty-binding.js";
import { ownVariables } from "../../domain/own-variables.js";
import { isOwnName } from "../../domain/key-source.js";
import { nearest } from "../../domain/names.js";
import { quote, UnavailableError } from "../../errors.js";
import { errnoInWords } from "../../files/errno.js";
import { requirePrivateDirectory, shellWord } from "../../files/private.js";
import { cacheDirectory, stateDirectory, usedCacheDirectory } from "../../files/user-directories.js";
import { findProgram } from "../../process/program-path.js";
import { isPrivateDirectory } from "../../runtime/cache-files.js";
import type { CheckAnswer, CheckSection } from "../check-areas.js";
import { version } from "../version.js";
import { faultsOf, findingsOf } from "./subject.js";
import type { DoctorArea, DoctorSubject } from "./subject.js";

type Severity = Finding["severity"];

/** What every project on this machine rests on, in the order of its lines. */
export const machineAreas: readonly DoctorArea[] = [
  { key: "program", look: lookAtProgram },
  { key: "directories", look: lookAtDirectories },
  { key: "delivery", look: lookAtDelivery },
  { key: "environment", look: lookAtEnvironment },
];

function lookAtProgram(): CheckAnswer {
  const { version: node, platform, arch } = process;
  const title = `mxm-secrets ${version} with Node.js ${node} on ${platform} ${arch}`;
  return { data: { version, node, platform, arch }, sections: [{ title, findings: [] }] };
}

async function lookAtDirectories({ environment }: DoctorSubject): Promise<CheckAnswer> {
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

const withoutPipes: Finding = {
  severity: "warning",
  message: "there is no `mkfifo`: a program whose output is masked cannot open `/dev/stdout` again",
  hint: "it is part of coreutils",
};

/** What `run` needs of the system: none of it is needed by every `run`. */
async function lookAtDelivery({ environment }: DoctorSubject): Promise<CheckAnswer> {
  let place: string | undefined;
  const memory = await faultsOf("warning", () => {
    place = memoryPlace(memoryCandidates(environment));
  });
  const terminal = await faultsOf("warning", loadPtyBinding);
  const pipes = findProgram("mkfifo", { PATH: "/usr/bin:/bin" });
  const noPipes = pipes === undefined && process.platform !== "win32" ? [withoutPipes] : [];
  return {
    data: {
      memory: { path: place ?? null, findings: memory },
      terminal: { findings: terminal },
      pipes: { path: pipes ?? null, findings: noPipes },
    },
    sections: [
      { title: place === undefined ? "files in memory" : `files in memory: ${place}`, findings: memory },
      { title: "masking on a terminal", findings: terminal },
      { title: "masking in a pipe", findings: noPipes },
    ],
  };
}

/** Names alone: one of them may hold a passphrase. */
function lookAtEnvironment({ environment, configuration }: DoctorSubject): CheckAnswer {
  const names = Object.keys(environment).filter(isOwnName).toSorted();
  const known = new Set([...ownVariables, ...(configuration?.ownVariables ?? [])]);
  const findings = names.flatMap((name): readonly Finding[] => {
    const meant = nearest(name, known);
    // Which variables hold keys is in the configuration.
    if (known.has(name) || (configuration === undefined && meant === undefined)) return [];
    const message = `${name} is no variable of mxm-secrets`;
    return [{ severity: "warning", message, ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }) }];
  });
  return {
    data: { variables: names, findings },
    sections: names.length === 0 ? [] : [{ title: `environment: ${names.join(", ")}`, findings }],
  };
}
