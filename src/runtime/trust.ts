import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { formatPath } from "../domain/problem.js";
import { ConfigurationError, quote } from "../errors.js";
import { shellWord } from "../files/private.js";
import { sensitiveParts } from "./sensitive-parts.js";
import type { SensitivePart, TrustSubject } from "./sensitive-parts.js";
import { readTrust } from "./trust-file.js";
import type { Trusted } from "./trust-file.js";
import { digestsOf } from "./trusted-files.js";

/**
 * What is recorded when a user trusts a configuration: a hash over its real path and directory and its sensitive parts,
 * and one over these and what is in the files of the project that they run or name. Any other edit leaves both as they are.
 */
export function trustHash(subject: TrustSubject, parts: readonly SensitivePart[] = sensitiveParts(subject)): Trusted {
  const { file, config } = subject;
  const backends = parts.map(({ path: [part, store = ""] }) =>
    part === "stores" ? config.stores.get(store)?.backend : undefined,
  );
  const said = parts.map(({ path, reason, shown }) => ({ path, reason, shown }));
  const digests = parts.map(({ files }) => digestsOf(files));
  // Relative programs are of the directory the file was found in, which a link to it may change.
  const places = [realpathSync(file), realpathSync(dirname(file))];
  return { shape: sha256([places, said, backends]), hash: sha256([places, said, backends, digests]) };
}

function sha256(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("hex");
}

/** Whether nothing in the configuration needs trust, or this user has trusted exactly that. */
export function isTrusted(subject: TrustSubject, stateDirectory: string): boolean {
  return findUntrusted(subject, stateDirectory).length === 0;
}

/** A part that is not trusted; `isChanged` where only a file of the project is another than the one that was trusted. */
type Untrusted = SensitivePart & { readonly isChanged: boolean };

function findUntrusted(subject: TrustSubject, stateDirectory: string): readonly Untrusted[] {
  const parts = sensitiveParts(subject);
  if (parts.length === 0) return [];
  const present = trustHash(subject, parts);
  const record = readTrust(stateDirectory).get(realpathSync(subject.file));
  if (record?.hashes.includes(present.hash) === true) return [];
  const isChanged = record?.shapes?.includes(present.shape) === true;
  return parts.filter(({ files }) => !isChanged || files.length > 0).map((part) => ({ ...part, isChanged }));
}

/** One line for a person: what an option would do. */
export function describePart({ shown, files }: SensitivePart): string {
  if (files.length === 0) return shown;
  const names = [...new Set(files.map((file) => file.shown))].join(", ");
  return `${shown} (${names} of this project, as it is now)`;
}

/**
 * Stops an untrusted configuration: a freshly cloned repository runs nothing. Reads nothing when no part needs trust.
 *
 * @param subject.profile - which was laid over it, for the hint; `sources` are the files that were read, for the same
 * @throws ConfigurationError with every part that needs trust as a problem, and the command that gives it
 */
export function requireTrust(
  subject: TrustSubject & {
    readonly stateDirectory: string;
    readonly profile?: string | undefined;
    readonly sources?: readonly string[];
  },
): void {
  const untrusted = findUntrusted(subject, subject.stateDirectory);
  if (untrusted.length === 0) return;
  const problems = untrusted.map((part) => ({
    path: part.path,
    message: `${part.reason}, and ${whyNot(part)}: ${describePart(part)}`,
    file: subject.file,
  }));
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const profile = subject.profile === undefined ? "" : ` --profile ${shellWord(subject.profile)}`;
  const others = (subject.sources ?? [])
    .slice(1)
    .map((source) => ` and ${quote(basename(source))}`)
    .join("");
  throw new ConfigurationError(
    first === undefined ? "the configuration is not trusted" : `${formatPath(first.path)} ${first.message}${more}`,
    problems,
    { hint: `when you have read it${others}: \`mxm-secrets trust --config ${shellWord(subject.file)}${profile}\`` },
  );
}

function whyNot({ isChanged }: Untrusted): string {
  return isChanged ? "what it would run has changed since you trusted it" : "you have not trusted it";
}
