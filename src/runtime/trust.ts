import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { SecretsConfig } from "../domain/config.js";
import { programOfKey } from "../domain/key-source.js";
import { formatPath } from "../domain/problem.js";
import type { OptionRow, OptionTable } from "../domain/store.js";
import { ConfigurationError } from "../errors.js";
import { shellWord } from "../files/private.js";
import { readTrust } from "./trust-file.js";
import { digestsInside, targetOutside } from "./trusted-files.js";

/** An option that takes effect only in a trusted configuration. */
export interface SensitivePart {
  /** Where it stands: `["stores", "vault", "address"]`. */
  readonly path: readonly string[];
  readonly reason: NonNullable<OptionRow["needsTrust"]> | "writes outside the project";
  /** What it would run, where it would send secrets, or which file it would write, for a person to read. */
  readonly shown: string;
  /** The program and its arguments, when it runs one. */
  readonly argv?: readonly string[];
}

/** A configuration as trust sees it. */
export interface TrustSubject {
  /** The main file. */
  readonly file: string;
  readonly config: SecretsConfig;
  readonly kinds: ReadonlyMap<string, OptionTable>;
}

/**
 * The options of a configuration that run a program, name one, send secrets to an address, or write an access log outside
 * the project, with the variables put in: what is trusted is what happens. Sorted by store and option, so that the order
 * in the file does not matter.
 */
export function sensitiveParts({ file, config, kinds }: TrustSubject): readonly SensitivePart[] {
  const parts: SensitivePart[] = [];
  // The text of a record is chosen by whoever wrote the configuration, so that it must not reach a shell's start file.
  const log = config.audit === undefined ? undefined : targetOutside(dirname(file), config.audit.path);
  if (log !== undefined) {
    parts.push({ path: ["audit", "path"], reason: "writes outside the project", shown: JSON.stringify(log) });
  }
  for (const store of config.stores.values()) {
    const table = kinds.get(store.backend) ?? {};
    for (const option of Object.keys(store.options)) {
      const row = Object.hasOwn(table, option) ? table[option] : undefined;
      const value = store.options[option];
      const program = row?.type === "key" ? programOfKey(value) : undefined;
      const path = ["stores", store.name, option];
      if (program !== undefined) {
        parts.push({ path, reason: "runs a program", shown: JSON.stringify(program), argv: program });
      }
      // An option that is switched off does nothing.
      else if (row?.needsTrust !== undefined && value !== false) {
        const argv = row.needsTrust === "runs a program" ? { argv: wordsOf(value) } : {};
        parts.push({ path, reason: row.needsTrust, shown: JSON.stringify(value), ...argv });
      }
    }
  }
  return parts.toSorted((one, other) => (formatPath(one.path) < formatPath(other.path) ? -1 : 1));
}

function wordsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** `--config=tools/settings` → `tools/settings`; any other word as it is. */
function valueOfOption(word: string): string {
  return word.startsWith("-") ? word.slice(word.indexOf("=") + 1) : word;
}

/**
 * What is recorded when a user trusts a configuration: a hash over its real path, its sensitive parts, and what is in the
 * files of the project that these run or name. Any other edit leaves it as it is.
 */
export function trustHash(subject: TrustSubject, parts: readonly SensitivePart[] = sensitiveParts(subject)): string {
  const backends = parts.map(({ path: [part, store = ""] }) =>
    part === "stores" ? subject.config.stores.get(store)?.backend : undefined,
  );
  const words = parts.flatMap(({ argv = [] }) => argv.flatMap((word) => [word, valueOfOption(word)]));
  const digests = digestsInside(dirname(subject.file), words);
  const text = JSON.stringify([realpathSync(subject.file), parts, backends, digests]);
  return createHash("sha256").update(text).digest("hex");
}

/** Whether nothing in the configuration needs trust, or this user has trusted exactly that. */
export function isTrusted(subject: TrustSubject, stateDirectory: string): boolean {
  const parts = sensitiveParts(subject);
  if (parts.length === 0) return true;
  const record = readTrust(stateDirectory).get(realpathSync(subject.file));
  return record?.hashes.includes(trustHash(subject, parts)) === true;
}

/**
 * Stops an untrusted configuration: a freshly cloned repository runs nothing. Costs nothing when no part needs trust.
 *
 * @throws ConfigurationError with every part that needs trust as a problem, and the command that gives it
 */
export function requireTrust(subject: TrustSubject & { readonly stateDirectory: string }): void {
  if (isTrusted(subject, subject.stateDirectory)) return;
  const problems = sensitiveParts(subject).map(({ path, reason, shown }) => ({
    path,
    message: `${reason}, and you have not trusted it: ${shown}`,
    file: subject.file,
  }));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  throw new ConfigurationError(
    first === undefined ? "the configuration is not trusted" : `${formatPath(first.path)} ${first.message}${more}`,
    problems,
    { hint: `when you have read it: \`mxm-secrets trust --config ${shellWord(subject.file)}\`` },
  );
}
