import { InvalidInputError, quote } from "../errors.js";
import type { Problem } from "../errors.js";
import { decodeBech32 } from "./bech32.js";

/** Who a file is encrypted to: keys of one kind, because a classic one would undo what a post-quantum one is for. */
export type AgeRecipients =
  | { readonly kind: "x25519"; readonly texts: readonly string[]; readonly points: readonly Buffer[] }
  | { readonly kind: "hybrid"; readonly texts: readonly string[] };

interface RecipientKind {
  readonly prefix: string;
  readonly length: number;
  readonly kind: AgeRecipients["kind"];
}

const kinds: readonly RecipientKind[] = [
  { prefix: "age", length: 32, kind: "x25519" },
  { prefix: "age1pq", length: 1216, kind: "hybrid" },
];
/** What a line that is no recipient begins with, and what it is then. */
const otherKinds: readonly (readonly [start: RegExp, what: string])[] = [
  [/^(?:ssh-|ecdsa-|sk-)/, "is an SSH key, and SSH keys are not supported as recipients"],
  [/^age1tag(?:pq)?1/, "is a recipient of a hardware key, and these are not supported"],
  [/^age1[a-z0-9.+_-]+1[02-9ac-hj-np-z]{6,}$/, "is a recipient of a plugin, and plugins are not supported"],
  [/^AGE-SECRET-KEY-/i, "is a private key, and must not stand where recipients do"],
  [/^AGE-PLUGIN-/i, "is an identity of a plugin, and must not stand where recipients do"],
];
const hint = "use the public key that `mxm-secrets keys public` or `age-keygen -y` prints: `age1…` or `age1pq1…`";

/**
 * Reads the text of a recipients file: one recipient a line, `#` comments and empty lines between. The age program reads it
 * by `age -R`.
 *
 * @param source - what to call it in messages, such as the file's name
 * @throws InvalidInputError with a problem for each line that is no recipient; when there is none; when the kinds are mixed
 */
export function parseRecipientFile(text: string, source: string): AgeRecipients {
  const lines = text.split(/\r?\n/).flatMap((line, index) => {
    return line === "" || line.startsWith("#") ? [] : [{ text: line, line: index + 1 }];
  });
  return combine(lines, source);
}

/**
 * Recipients from a list, such as that of a configuration.
 *
 * @param source - what to call the list in messages
 * @throws as {@link parseRecipientFile} does
 */
export function parseRecipients(texts: readonly string[], source: string): AgeRecipients {
  return combine(
    texts.map((text) => ({ text, line: undefined })),
    source,
  );
}

interface Line {
  readonly text: string;
  readonly line: number | undefined;
}

function combine(lines: readonly Line[], source: string): AgeRecipients {
  const found = lines.map((line) => ({ ...line, ...decode(line.text) }));
  const problems = found.flatMap((each) => (each.kind === undefined ? [problemOf(each, source)] : []));
  const [problem] = problems;
  if (problem !== undefined) throw new InvalidInputError(problem.message, { problems, hint });
  if (found.length === 0) throw new InvalidInputError(`${quote(source)} names no recipient`, { hint });
  const texts = found.map(({ text }) => text);
  if (found.every(({ kind }) => kind === "hybrid")) return { kind: "hybrid", texts };
  if (found.some(({ kind }) => kind === "hybrid")) {
    throw new InvalidInputError(`${quote(source)} mixes post-quantum recipients with others`, {
      hint: "a file that one classic key opens is not safe from a quantum computer: use `age1pq1…` for all, or for none",
    });
  }
  return { kind: "x25519", texts, points: found.flatMap(({ bytes }) => bytes ?? []) };
}

function decode(text: string): { readonly kind?: AgeRecipients["kind"]; readonly bytes?: Buffer } {
  // Age reads recipients in lower case only.
  const decoded = text === text.toLowerCase() ? decodeBech32(text) : undefined;
  const row = kinds.find(({ prefix, length }) => decoded?.prefix === prefix && decoded.bytes.length === length);
  return row === undefined || decoded === undefined ? {} : { kind: row.kind, bytes: decoded.bytes };
}

function problemOf({ text, line }: Line, source: string): Problem {
  const what = otherKinds.find(([start]) => start.test(text))?.[1];
  // What may be a private key is not shown.
  const isPublic = what === undefined && /^age1[a-z0-9]*$/.test(text);
  const place = line === undefined ? quote(source) : `${quote(source)} line ${line}`;
  const message = `${place} ${what ?? `${isPublic ? `has ${quote(text)}, which ` : ""}is not an age recipient`}`;
  return { path: [], message, file: source, ...(line === undefined ? {} : { line }) };
}
