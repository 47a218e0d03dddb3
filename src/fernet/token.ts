import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { encodeBase64Url } from "./encoding.js";
import type { FernetKey } from "./key.js";

const version = 0x80;
const headLength = 1 + 8 + 16;
const blockLength = 16;
const macLength = 32;

/** What a token says to everybody: when it was made. Everything else needs the key. */
export interface FernetToken {
  /** Seconds since the epoch, as the token says; up to 64 bits. */
  readonly seconds: bigint;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly mac: Buffer;
}

/**
 * Reads the form of a Fernet token (https://github.com/fernet/spec, Spec.md): base64url with padding over the version
 * byte, an 8-byte time, a 16-byte IV, AES-128-CBC blocks and an HMAC. Whatever is accepted here has this one spelling.
 *
 * @returns `undefined` for any other text
 */
export function parseToken(text: string): FernetToken | undefined {
  const bytes = Buffer.from(text, "base64url");
  if (encodeBase64Url(bytes) !== text) return undefined;
  const blocks = bytes.length - headLength - macLength;
  if (bytes[0] !== version || blocks < blockLength || blocks % blockLength !== 0) return undefined;
  return {
    seconds: bytes.readBigUInt64BE(1),
    iv: bytes.subarray(9, headLength),
    ciphertext: bytes.subarray(headLength, -macLength),
    mac: bytes.subarray(-macLength),
  };
}

/** The token as text. */
export function marshalToken({ seconds, iv, ciphertext, mac }: FernetToken): string {
  return encodeBase64Url(Buffer.concat([signedPart(seconds, iv, ciphertext), mac]));
}

/**
 * Decrypts a token of any age: the time in it is not compared with a clock.
 *
 * @returns `undefined` when it was not made under this key, or was altered: the format cannot tell the two apart
 */
export function openToken(token: FernetToken, key: FernetKey): Buffer | undefined {
  const expected = macOf(signedPart(token.seconds, token.iv, token.ciphertext), key);
  if (!timingSafeEqual(expected, token.mac)) return undefined;
  const decipher = createDecipheriv("aes-128-cbc", key.encryption, token.iv);
  try {
    return Buffer.concat([decipher.update(token.ciphertext), decipher.final()]);
  } catch {
    // A padding that whoever holds the key did not write as PKCS 7.
    return undefined;
  }
}

/** Encrypts. @param iv - 16 random bytes, never the same twice */
export function makeToken(plaintext: Uint8Array, key: FernetKey, seconds: bigint, iv: Buffer): FernetToken {
  const cipher = createCipheriv("aes-128-cbc", key.encryption, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { seconds, iv, ciphertext, mac: macOf(signedPart(seconds, iv, ciphertext), key) };
}

function signedPart(seconds: bigint, iv: Buffer, ciphertext: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head[0] = version;
  head.writeBigUInt64BE(seconds, 1);
  return Buffer.concat([head, iv, ciphertext]);
}

function macOf(signed: Buffer, key: FernetKey): Buffer {
  return createHmac("sha256", key.signing).update(signed).digest();
}
