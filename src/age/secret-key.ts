import { LockedError, quote } from "../errors.js";
import { decodeBech32, encodeBech32 } from "./bech32.js";

export type IdentityKind = "x25519" | "hybrid";

/** A private key of age: what stands in a line `AGE-SECRET-KEY-…`. */
export interface SecretKey {
  readonly kind: IdentityKind;
  /** 32 bytes. */
  readonly secret: Buffer;
}

const prefixes: Readonly<Record<IdentityKind, string>> = { x25519: "age-secret-key-", hybrid: "age-secret-key-pq-" };
const kinds = new Map<string, IdentityKind>([
  [prefixes.x25519, "x25519"],
  [prefixes.hybrid, "hybrid"],
]);

/** What a line of an identity file must be, for hints. */
export const identityExpectation =
  "expected a line `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`, as `age-keygen` writes it";
/** What a line that is no identity begins with, and what it is then. */
const otherKinds: readonly (readonly [start: string, what: string])[] = [
  ["AGE-PLUGIN-", "is an identity of a plugin, and plugins are not supported"],
  ["-----BEGIN OPENSSH PRIVATE KEY", "begins an SSH key, and SSH keys are not supported"],
  ["-----BEGIN RSA PRIVATE KEY", "begins an SSH key, and SSH keys are not supported"],
  ["age1", "is a recipient, the public half of a key, and not an identity"],
];

/** Reads one `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`. @returns `undefined` when the text is neither */
export function decodeSecretKey(text: string): SecretKey | undefined {
  if (text !== text.toUpperCase()) return undefined;
  const decoded = decodeBech32(text);
  const kind = decoded === undefined ? undefined : kinds.get(decoded.prefix);
  return kind === undefined || decoded?.bytes.length !== 32 ? undefined : { kind, secret: decoded.bytes };
}

/** The identity line of 32 secret bytes. */
export function encodeSecretKey(kind: IdentityKind, secret: Uint8Array): string {
  return encodeBech32(prefixes[kind], secret).toUpperCase();
}

/** The lines of a text, which end in LF or CRLF, and in CR CR LF where a copy in text mode was made of the latter. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  const last = lines.length - 1;
  return lines.map((line, index) => (index < last ? withoutReturns(line) : line));
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end--;
  return line.slice(0, end);
}

/**
 * Reads the lines of an age identity file: one private key a line, `#` comments and empty lines between.
 *
 * @param source - what to call it in messages, such as the file's name
 * @returns an empty list when there is none
 * @throws LockedError naming the line that is no identity; never what stands there
 */
export function parseSecretKeys(lines: readonly string[], source: string): readonly SecretKey[] {
  return lines.flatMap((line, index) => {
    if (line === "" || line.startsWith("#")) return [];
    const key = decodeSecretKey(line);
    if (key !== undefined) return [key];
    const what = otherKinds.find(([start]) => line.startsWith(start))?.[1] ?? "is not an age identity";
    throw new LockedError(`${quote(source)} line ${index + 1} ${what}`, { hint: identityExpectation });
  });
}
