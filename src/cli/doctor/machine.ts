import type { Finding } from "../../backends/contract.js";
import { memoryCandidates, memoryPlace } from "../../delivery/run/memory-place.js";
import { loadPtyBinding } from "../../delivery/run/pty-binding.js";
import { ownVariables } from "../../domain/own-variables.js";
import { isOwnName } from "../../domain/key-source.js";
import { nearest } from "../../domain/names.js";
import { findProgram } from "../../process/program-path.js";
import type { CheckAnswer } from "../check-areas.js";
import { version } from "../version.js";
import { lookAtDirectories } from "./directories.js";
import { faultsOf } from "./subject.js";
import type { DoctorArea, DoctorSubject } from "./subject.js";

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
