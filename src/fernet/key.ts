import { encodeBase64Url } from "./encoding.js";

/** A Fernet key: 32 bytes, of which the first half signs and the second half encrypts. */
export interface FernetKey {
  readonly signing: Buffer;
  readonly encryption: Buffer;
}

const halfLength = 16;
const keyLength = 2 * halfLength;

/**
 * Reads a key in one of the spellings found in `.key` files: 44 characters of URL-safe or standard base64, or 64 hex
 * digits.
 *
 * @returns `undefined` for any other text
 */
export function parseFernetKey(text: string): FernetKey | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return keyOf(Buffer.from(text, "hex"));
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== keyLength || text.length !== 44) return undefined;
  return [encodeBase64Url(bytes), bytes.toString("base64")].includes(text) ? keyOf(bytes) : undefined;
}

/** The key as the programs of this format write it: 44 characters of URL-safe base64. */
export function marshalFernetKey({ signing, encryption }: FernetKey): string {
  return encodeBase64Url(Buffer.concat([signing, encryption]));
}

/** @param bytes - 32 bytes */
export function keyOf(bytes: Buffer): FernetKey {
  return { signing: bytes.subarray(0, halfLength), encryption: bytes.subarray(halfLength, keyLength) };
}

/**
 * The keys in the text of a key file: one a line. Lines of another kind, comments and the identities of the sealed
 * format, are passed over: while a key is being replaced the file has both.
 */
export function fernetKeysIn(text: string): readonly FernetKey[] {
  return text.split(/\r?\n/).flatMap((line) => parseFernetKey(line) ?? []);
}
