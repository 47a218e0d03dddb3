import { dirname } from "node:path";
import type { SecretsConfig } from "../domain/config.js";
import { programOfKey } from "../domain/key-source.js";
import { formatPath } from "../domain/problem.js";
import type { OptionRow, OptionTable, SecretStore } from "../domain/store.js";
import type { Environment } from "../files/user-directories.js";
import { findProgram } from "../process/program-path.js";
import { filesOfProject, projectOf, targetOutside } from "./trusted-files.js";
import type { Project, ProjectFile } from "./trusted-files.js";

/** An option that takes effect only in a trusted configuration. */
export interface SensitivePart {
  /** Where it stands: `["stores", "vault", "address"]`. */
  readonly path: readonly string[];
  readonly reason: NonNullable<OptionRow["needsTrust"]> | "writes outside the project";
  /** What it would run, where it would send secrets, or which file it would write, for a person to read. */
  readonly shown: string;
  /** Those it would run, or give to what it runs, which whoever can change the project can change. */
  readonly files: readonly ProjectFile[];
}

/** A configuration as trust sees it. */
export interface TrustSubject {
  /** The main file. */
  readonly file: string;
  readonly config: SecretsConfig;
  readonly kinds: ReadonlyMap<string, OptionTable>;
  /** Where programs are looked for. */
  readonly environment: Environment;
}

/**
 * The options of a configuration that run a program, name one, send secrets to an address, or write an access log outside
 * the project, with the variables put in: what is trusted is what happens. Sorted by store and option, so that the order
 * in the file does not matter.
 */
export function sensitiveParts({ file, config, kinds, environment }: TrustSubject): readonly SensitivePart[] {
  const parts: SensitivePart[] = [];
  // The text of a record is chosen by whoever wrote the configuration, so that it must not reach a shell's start file.
  const log = config.audit === undefined ? undefined : targetOutside(dirname(file), config.audit.path);
  if (log !== undefined) {
    parts.push({
      path: ["audit", "path"],
      reason: "writes outside the project",
      shown: JSON.stringify(log),
      files: [],
    });
  }
  let project: Project | undefined;
  const filesOf = (value: unknown, alsoRuns: readonly string[] = []): readonly ProjectFile[] => {
    project ??= projectOf(file);
    const commands = [...commandsIn(value), ...alsoRuns.map((program) => [program])];
    return filesOfProject(project, commands, (name) => findProgram(name, environment));
  };
  for (const store of config.stores.values())
    parts.push(...partsOfStore(store, kinds.get(store.backend) ?? {}, filesOf));
  return parts.toSorted((one, other) => (formatPath(one.path) < formatPath(other.path) ? -1 : 1));
}

function partsOfStore(
  { name, options }: SecretStore,
  table: OptionTable,
  filesOf: (value: unknown, alsoRuns?: readonly string[]) => readonly ProjectFile[],
): readonly SensitivePart[] {
  return Object.entries(table).flatMap(([option, row]): readonly SensitivePart[] => {
    const path = ["stores", name, option];
    const value = Object.hasOwn(options, option) ? options[option] : undefined;
    const program = row.type === "key" ? programOfKey(value) : undefined;
    if (program !== undefined) {
      return [{ path, reason: "runs a program", shown: JSON.stringify(program), files: filesOf(program) }];
    }
    const { needsTrust: reason } = row;
    // An option that is switched off does nothing.
    if (reason === undefined || value === false) return [];
    if (value !== undefined) {
      const files = reason === "runs a program" ? filesOf(value, row.alsoRuns) : [];
      return [{ path, reason, shown: JSON.stringify(value), files }];
    }
    // The user's own program needs no trust, but one of its name that the project puts before it does.
    const files = reason === "runs a program" && row.default !== undefined ? filesOf(row.default, row.alsoRuns) : [];
    return files.length === 0 ? [] : [{ path, reason, shown: JSON.stringify(row.default), files }];
  });
}

/** Every program in the value of an option with its arguments: a text, a list of words, or either of them in a mapping. */
function commandsIn(value: unknown): readonly (readonly string[])[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const words = items.filter((item) => typeof item === "string");
    const nested = items.filter((item) => typeof item !== "string");
    return [...(words.length === 0 ? [] : [words]), ...nested.flatMap(commandsIn)];
  }
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(commandsIn);
  return typeof value === "string" ? [[value]] : [];
}
