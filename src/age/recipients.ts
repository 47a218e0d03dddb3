import { InvalidInputError, quote } from "../errors.js";
import { decodeBech32 } from "./bech32.js";

/** Who a file is encrypted to: keys of one kind, because a classic one would undo what a post-quantum one is for. */
export type AgeRecipients =
  | { readonly kind: "x25519"; readonly texts: readonly string[]; readonly points: readonly Buffer[] }
  | { readonly kind: "hybrid"; readonly texts: readonly string[] };

interface RecipientKind {
  readonly prefix: string;
  readonly accepts: (bytes: Buffer) => boolean;
  readonly kind: AgeRecipients["kind"];
}

const kinds: readonly RecipientKind[] = [
  { prefix: "age", accepts: ({ length }) => length === 32, kind: "x25519" },
  { prefix: "age1pq", accepts: (bytes) => bytes.length === 1216 && isEncapsulationKey(bytes), kind: "hybrid" },
];
/** What begins so is no recipient that can be encrypted to here, and why. */
const otherKinds: readonly (readonly [start: RegExp, why: string])[] = [
  [/^(?:ssh-|ecdsa-|sk-)/, "SSH keys are not supported as recipients"],
  [/^age1tag(?:pq)?1/, "recipients of hardware keys are not supported"],
  [/^age1(?!pq1)[a-z0-9.+_-]+1[02-9ac-hj-np-z]{6,}$/, "recipients of plugins are not supported"],
  [/^AGE-SECRET-KEY-/i, "a private key must not stand where recipients do"],
  [/^AGE-PLUGIN-/i, "an identity of a plugin must not stand where recipients do"],
];
const hint = "use the public key that `age-keygen -y` prints: `age1…` or `age1pq1…`";

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
  const faults = found.filter(({ kind }) => kind === undefined);
  const [fault] = faults;
  if (fault !== undefined) {
    const problems = faults.flatMap(({ text, line }) => {
      return line === undefined ? [] : [{ path: [], message: faultOf(text), file: source, line }];
    });
    const place = fault.line === undefined ? quote(source) : `${quote(source)} line ${fault.line}`;
    throw new InvalidInputError(`${place}: ${faultOf(fault.text)}`, { problems, hint });
  }
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
  const row = kinds.find(({ prefix, accepts }) => decoded?.prefix === prefix && accepts(decoded.bytes));
  return row === undefined || decoded === undefined ? {} : { kind: row.kind, bytes: decoded.bytes };
}

/** FIPS 203 section 7.2: the numbers of an ML-KEM-768 key, twelve bits each, are below 3,329. The library does not look. */
function isEncapsulationKey(bytes: Buffer): boolean {
  for (let offset = 0; offset < 1152; offset += 3) {
    const three = bytes.readUIntLE(offset, 3);
    if ((three & 0xfff) >= 3329 || three >>> 12 >= 3329) return false;
  }
  return true;
}

function faultOf(text: string): string {
  const why = otherKinds.find(([start]) => start.test(text))?.[1];
  if (why !== undefined) return why;
  // What may be a private key, or a value in the wrong file, is not shown.
  return /^age1[a-z0-9]*$/.test(text) ? `${quote(text)} is not an age recipient` : "expected an age recipient";
}
