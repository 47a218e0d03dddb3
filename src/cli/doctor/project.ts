import { resolve } from "node:path";
import type { Finding } from "../../backends/contract.js";
import { builtInKinds } from "../../backends/registry.js";
import { identityFields } from "../../domain/identity.js";
import { programOfKey } from "../../domain/key-source.js";
import type { OptionRow, SecretStore } from "../../domain/store.js";
import { quote } from "../../errors.js";
import { findProgram, isExecutable } from "../../process/program-path.js";
import { attestIdentity } from "../../runtime/attest.js";
import { commandIdentity } from "../../runtime/identity.js";
import { factsOf } from "../../domain/identity.js";
import type { CheckAnswer } from "../check-areas.js";
import type { Configuration } from "../session.js";
import { faultsOf, findingsOf } from "./subject.js";
import type { DoctorArea, DoctorSubject } from "./subject.js";

/** What the project here rests on, before anything in its stores. */
export const projectAreas: readonly DoctorArea[] = [
  { key: "configuration", look: lookAtConfiguration },
  { key: "identity", look: lookAtIdentity },
  { key: "programs", look: lookAtPrograms },
];

async function lookAtConfiguration({ configuration, faults }: DoctorSubject): Promise<CheckAnswer> {
  if (configuration === undefined) {
    const findings = faults.length > 0 ? faults : [none];
    return { data: { file: null, findings }, sections: [{ title: "configuration", findings }] };
  }
  const { file, source, sources } = configuration;
  const findings = await faultsOf("problem", configuration.requireTrust);
  const how = source === "found" ? "found from here upwards" : `named by ${source}`;
  const title = `configuration ${[file, ...sources.slice(1)].join(" and ")}, ${how}`;
  return { data: { file, source, sources, findings }, sections: [{ title, findings }] };
}

const none: Finding = {
  severity: "warning",
  message: "there is no mxm-secrets.yaml here or above",
  hint: "`mxm-secrets init` makes one; --config or MXM_SECRETS_CONFIG name one elsewhere",
};

/** Who would ask. Some commands work without, so that it need not be known. */
function lookAtIdentity({ args, environment, configuration }: DoctorSubject): CheckAnswer {
  const flags = Object.fromEntries(identityFields.map((field) => [field, args.option(field)]));
  const configured = configuration?.config.identity ?? {};
  if (configuration === undefined) return { data: null, sections: [] };
  try {
    const { identity, sources } = commandIdentity({ flags, environment, configured });
    const { assurance } = factsOf(attestIdentity(identity));
    const fields = identityFields.flatMap((field) => {
      const value = identity[field];
      return value === undefined ? [] : [{ field, value, source: sources[field] ?? "not given" }];
    });
    const said = fields.map(({ field, value, source }) => `${field} ${value} (${source})`).join(", ");
    return {
      data: { fields, assurance, findings: [] },
      sections: [{ title: `identity, ${assurance}: ${said}`, findings: [] }],
    };
  } catch (thrown) {
    const findings = findingsOf(thrown, "warning");
    return { data: { fields: [], assurance: null, findings }, sections: [{ title: "identity", findings }] };
  }
}

/** A program that a store runs, and where it is. */
interface NeededProgram {
  readonly store: string;
  readonly program: string;
  readonly path: string | null;
  readonly findings: readonly Finding[];
}

/** Looks for programs and runs none. */
function lookAtPrograms({ configuration, environment }: DoctorSubject): CheckAnswer {
  if (configuration === undefined) return { data: [], sections: [] };
  const kinds = builtInKinds();
  const needed = [...configuration.config.stores.values()].flatMap((store) => {
    const table = kinds.get(store.backend) ?? {};
    const names = Object.entries(table).flatMap(([option, row]) => programOf(store, option, row) ?? []);
    return [...new Set(names)].map((program) => findNeeded(store.name, program, configuration, environment));
  });
  return {
    data: needed,
    sections: needed.map(({ store, program, path, findings }) => ({
      title: path === null ? `program ${program} of store ${store}` : `program ${path} of store ${store}`,
      findings,
    })),
  };
}

function programOf({ options }: SecretStore, option: string, row: OptionRow): string | undefined {
  const value = options[option] ?? row.default;
  if (row.type === "key") return programOfKey(value)?.[0];
  if (row.needsTrust !== "runs a program") return undefined;
  if (row.type === "argv" && Array.isArray(value)) return String(value[0]);
  return row.type === "string" && typeof value === "string" ? value : undefined;
}

function findNeeded(
  store: string,
  program: string,
  { baseDirectory }: Configuration,
  environment: DoctorSubject["environment"],
): NeededProgram {
  const file = program.includes("/") ? resolve(baseDirectory, program) : findProgram(program, environment);
  if (file !== undefined && isExecutable(file)) return { store, program, path: file, findings: [] };
  const where = program.includes("/") ? `${quote(file ?? program)} is no program` : `${quote(program)} is not on PATH`;
  const hint = `install it, or name it in the options of stores.${store}`;
  return { store, program, path: null, findings: [{ severity: "problem", message: where, hint }] };
}
