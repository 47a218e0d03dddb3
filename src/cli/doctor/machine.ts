import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Finding } from "../../backends/contract.js";
import { memoryCandidates, memoryPlace } from "../../delivery/run/memory-place.js";
import { loadPtyBinding } from "../../delivery/run/pty-binding.js";
import { ownVariables } from "../../domain/own-variables.js";
import { isOwnName } from "../../domain/key-source.js";
import { nearest } from "../../domain/names.js";
import { quote } from "../../errors.js";
import { errnoInWords } from "../../files/errno.js";
import { requirePrivateDirectory } from "../../files/private.js";
import { cacheDirectory, stateDirectory, usedCacheDirectory } from "../../files/user-directories.js";
import { findProgram } from "../../process/program-path.js";
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
  const state = await directory("state directory", "problem", () => stateDirectory(environment));
  const cache = usedCacheDirectory(environment);
  const isOff = cache === undefined && cacheDirectory(environment) !== undefined;
  const cached = isOff
    ? { title: "cache directory: MXM_SECRETS_NO_CACHE does without", path: undefined, findings: [] }
    : await directory("cache directory", "warning", () => cache);
  return {
    data: {
      state: { path: state.path ?? null, findings: state.findings },
      cache: { path: cached.path ?? null, findings: cached.findings },
    },
    sections: [state, cached],
  };
}

/** A directory of ours, which need not be there yet. @param find - as for the commands: what it throws is a finding */
async function directory(
  what: string,
  severity: Severity,
  find: () => string | undefined,
): Promise<CheckSection & { readonly path: string | undefined }> {
  let path: string | undefined;
  try {
    path = find();
  } catch (thrown) {
    return { title: what, path, findings: findingsOf(thrown, severity) };
  }
  if (path === undefined) return { title: `${what}: none, there is no home directory`, path, findings: [] };
  const place = path;
  const faults = await faultsOf(severity, () => requirePrivateDirectory(place));
  return { title: `${what} ${path}`, path, findings: faults.length > 0 ? faults : unusable(path, severity) };
}

function unusable(path: string, severity: Severity): readonly Finding[] {
  const there = nearestThere(path);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    if (statSync(there).isDirectory()) return [];
  } catch (thrown) {
    const message = `nothing can be written to ${quote(there)}: ${errnoInWords(thrown)}`;
    return [{ severity, message, hint: "give it to this user, or choose another directory" }];
  }
  return [{ severity, message: `${quote(there)} is no directory`, hint: "move it away" }];
}

function nearestThere(path: string): string {
  for (let place = path; ; place = dirname(place)) {
    const isThere = statSync(place, { throwIfNoEntry: false }) !== undefined;
    if (isThere || place === dirname(place)) return place;
  }
}

/** What `run` needs of the system: none of it is needed by every `run`. */
async function lookAtDelivery({ environment }: DoctorSubject): Promise<CheckAnswer> {
  const candidates = memoryCandidates(environment);
  const memory = await faultsOf("warning", () => memoryPlace(candidates));
  const terminal = await faultsOf("warning", loadPtyBinding);
  const pipes = findProgram("mkfifo", { PATH: "/usr/bin:/bin" });
  const sockets: Finding = {
    severity: "warning",
    message: "there is no `mkfifo`: a program whose output is masked cannot open `/dev/stdout` again",
    hint: "it is part of coreutils",
  };
  const noPipes = pipes === undefined && process.platform !== "win32" ? [sockets] : [];
  const place = memory.length > 0 ? undefined : memoryPlace(candidates);
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
    if (known.has(name)) return [];
    const meant = nearest(name, known);
    const message = `${name} is no variable of mxm-secrets`;
    return [{ severity: "warning", message, ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }) }];
  });
  return {
    data: { variables: names, findings },
    sections: names.length === 0 ? [] : [{ title: `environment: ${names.join(", ")}`, findings }],
  };
}
