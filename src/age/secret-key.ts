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
