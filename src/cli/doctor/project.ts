import { resolve } from "node:path";
import type { Finding } from "../../backends/contract.js";
import { builtInKinds } from "../../backends/registry.js";
import { factsOf } from "../../domain/identity.js";
import type { ProvenIdentity } from "../../domain/identity.js";
import { programOfKey } from "../../domain/key-source.js";
import type { OptionRow, SecretStore } from "../../domain/store.js";
import { quote } from "../../errors.js";
import { findProgram, isExecutable } from "../../process/program-path.js";
import { attestIdentity } from "../../runtime/attest.js";
import { commandIdentity, isIdentityKnown } from "../../runtime/identity.js";
import type { CommandIdentity } from "../../runtime/identity.js";
import type { CheckAnswer } from "../check-areas.js";
import { identityInputs, sourcedFields } from "../own-identity.js";
import { prove } from "../session.js";
import { findingsOf } from "./subject.js";
import type { DoctorArea, DoctorSubject } from "./subject.js";

/** What the project here rests on, before anything in its stores. */
export const projectAreas: readonly DoctorArea[] = [
  { key: "configuration", look: lookAtConfiguration },
  { key: "identity", look: lookAtIdentity },
  { key: "programs", look: lookAtPrograms },
];

const noConfiguration: Finding = {
  severity: "warning",
  message: "there is no mxm-secrets.yaml here or above",
  hint: "`mxm-secrets init` makes one; --config or MXM_SECRETS_CONFIG name one elsewhere",
};

function lookAtConfiguration({ configuration, faults }: DoctorSubject): CheckAnswer {
  if (configuration === undefined) {
    const findings = faults.length > 0 ? faults : [noConfiguration];
    return { data: { file: null, findings }, sections: [{ title: "configuration", findings }] };
  }
  const { file, source, sources } = configuration;
  const how = source === "found" ? "found from here upwards" : `named by ${source}`;
  const title = `configuration ${[file, ...sources.slice(1)].join(" and ")}, ${how}`;
  return { data: { file, source, sources, findings: faults }, sections: [{ title, findings: faults }] };
}

/** Who would ask, and how far that is proved. Some commands work without, so that it need not be known. */
async function lookAtIdentity(subject: DoctorSubject): Promise<CheckAnswer> {
  const { args, configuration } = subject;
  if (configuration === undefined) return { data: null, sections: [] };
  const inputs = identityInputs(args, configuration);
  let claimed: CommandIdentity;
  try {
    claimed = commandIdentity(inputs);
  } catch (thrown) {
    const findings = findingsOf(thrown, isIdentityKnown(inputs) ? "problem" : "warning");
    return { data: { fields: [], assurance: null, findings }, sections: [{ title: "identity", findings }] };
  }
  const { proven, findings } = await proveAsFarAsPossible(claimed, subject);
  const { assurance } = factsOf(proven);
  const fields = sourcedFields(claimed.identity, claimed.sources);
  const said = fields.map(({ field, value, source }) => `${field} ${value} (${source})`).join(", ");
  return {
    data: { fields, assurance, findings },
    sections: [{ title: `identity, ${assurance}: ${said}`, findings }],
  };
}

/** Where a policy wants an identity that a key proves, the key is looked at, if the configuration is trusted. */
async function proveAsFarAsPossible(
  { identity }: CommandIdentity,
  { configuration, isTrusted }: DoctorSubject,
): Promise<{ readonly proven: ProvenIdentity; readonly findings: readonly Finding[] }> {
  const attested = attestIdentity(identity);
  if (configuration === undefined || !isTrusted) return { proven: attested, findings: [] };
  try {
    return { proven: await prove(attested, configuration), findings: [] };
  } catch (thrown) {
    return { proven: attested, findings: findingsOf(thrown, "problem") };
  }
}

/** A program that a store may run, and where it is. */
interface NeededProgram {
  readonly store: string;
  readonly program: string;
  readonly path: string | null;
  readonly findings: readonly Finding[];
}

/**
 * Looks for programs and runs none. Whether one is needed is for its store to say: an age key in a SOPS file needs no gpg,
 * and a chain may do without a store. Windows finds programs by rules of its own.
 */
function lookAtPrograms({ configuration, environment }: DoctorSubject): CheckAnswer {
  if (configuration === undefined || process.platform === "win32") return { data: [], sections: [] };
  const { config, baseDirectory } = configuration;
  const kinds = builtInKinds();
  const needed = [...config.stores.values()].flatMap((store) => {
    const table = kinds.get(store.backend) ?? {};
    const programs = Object.entries(table).flatMap(([option, row]) => programsOf(store, option, row));
    return [...new Set(programs)].map((program) => findNeeded(store.name, program, { baseDirectory, environment }));
  });
  return {
    data: needed,
    sections: needed.map(({ store, program, path, findings }) => ({
      title: path === null ? `program ${program} of store ${store}` : `program ${path} of store ${store}`,
      findings,
    })),
  };
}

/** The program an option names, and those that it runs in its turn. */
function programsOf({ options }: SecretStore, option: string, row: OptionRow): readonly string[] {
  const value = options[option] ?? row.default;
  if (row.type === "key") return programOfKey(value)?.slice(0, 1) ?? [];
  if (row.needsTrust !== "runs a program" || value === undefined || value === false) return [];
  const named = Array.isArray(value) ? value.slice(0, 1).map(String) : typeof value === "string" ? [value] : [];
  return [...named, ...(row.alsoRuns ?? [])];
}

function findNeeded(
  store: string,
  program: string,
  { baseDirectory, environment }: Pick<DoctorSubject, "environment"> & { readonly baseDirectory: string },
): NeededProgram {
  const isPath = program.includes("/");
  const file = isPath ? resolve(baseDirectory, program) : findProgram(program, environment);
  if (file !== undefined && isExecutable(file)) return { store, program, path: file, findings: [] };
  const message = isPath ? `${quote(program)} is no program` : `${quote(program)} is not on PATH`;
  return { store, program, path: null, findings: [{ severity: "warning", message }] };
}
