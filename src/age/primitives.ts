import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";

export const tagLength = 16;
export const zeroNonce = Buffer.alloc(12);
const noSalt = Buffer.alloc(0);

/** HKDF-SHA256 to 32 bytes, as everything in age is derived. */
export function derive(secret: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, label, 32));
}

/** The MAC of a header: over everything up to and including the `---` of its last line. */
export function headerMac(fileKey: Uint8Array, signed: Uint8Array): Buffer {
  return createHmac("sha256", derive(fileKey, noSalt, "header"))
    .update(signed)
    .digest();
}

/** ChaCha20-Poly1305 (RFC 8439): the ciphertext and its tag. */
export function chachaSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagLength });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The reverse of {@link chachaSeal}. @returns `undefined` when the key is another or a byte was changed */
export function chachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const tagStart = sealed.length - tagLength;
  if (tagStart < 0) return undefined;
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagLength });
  decipher.setAuthTag(sealed.subarray(tagStart));
  const plaintext = decipher.update(sealed.subarray(0, tagStart));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

/** Base64 (RFC 4648 section 4) without padding. */
export function encodeUnpadded(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  const end = text.indexOf("=");
  return end === -1 ? text : text.slice(0, end);
}

/** The reverse of {@link encodeUnpadded}. @returns `undefined` for any other spelling, such as unused bits that are set */
export function decodeUnpadded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return encodeUnpadded(bytes) === text ? bytes : undefined;
}
