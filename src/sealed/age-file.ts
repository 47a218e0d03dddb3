import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { exportX25519Public, sharedX25519 } from "./x25519.js";

const version = "age-encryption.org/v1";
const wrapLabel = "age-encryption.org/v1/X25519";
const tagLength = 16;
const payloadNonceLength = 16;
/** STREAM nonce of a first chunk that is also the last: eleven bytes of counter, one of flag. */
const onlyChunk = Buffer.from("000000000000000000000001", "hex");
const zeroNonce = Buffer.alloc(12);
const header = new RegExp(`^${version}\n-> X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n--- ([A-Za-z0-9+/]{43})\n`);

/**
 * A binary age file (age-encryption.org/v1, https://c2sp.org/age) for one X25519 recipient.
 *
 * @param recipient - the 32 bytes of the recipient
 * @param plaintext - at most one STREAM chunk, 64 KiB
 * @returns `undefined` when the recipient is a point of low order, to which nothing can be encrypted
 */
export function encryptAgeX25519(recipient: Uint8Array, plaintext: Uint8Array): Buffer | undefined {
  const fileKey = randomBytes(16);
  const ephemeral = generateKeyPairSync("x25519").privateKey;
  const share = exportX25519Public(ephemeral);
  const secret = sharedX25519(ephemeral, recipient);
  if (secret === undefined) return undefined;
  const body = chachaSeal(wrapKey(secret, share, recipient), zeroNonce, fileKey);
  const signed = `${version}\n-> X25519 ${unpadded(share)}\n${unpadded(body)}\n---`;
  const nonce = randomBytes(payloadNonceLength);
  const payload = chachaSeal(derive(fileKey, nonce, "payload"), onlyChunk, plaintext);
  return Buffer.concat([Buffer.from(`${signed} ${unpadded(headerMac(fileKey, signed))}\n`), nonce, payload]);
}

/**
 * The plaintext of a binary age file whose only recipient is this identity's X25519 key and whose payload is one chunk.
 *
 * @returns `undefined` when the file is anything else, was altered, or is for another key
 */
export function decryptAgeX25519(identity: KeyObject, file: Buffer): Buffer | undefined {
  const match = header.exec(file.toString("latin1", 0, 200));
  if (match === null) return undefined;
  const [whole, ...encoded] = match;
  const [share, body, mac] = encoded.map(decodeUnpadded);
  if (share === undefined || body === undefined || mac === undefined) return undefined;
  const secret = sharedX25519(identity, share);
  if (secret === undefined) return undefined;
  const fileKey = chachaOpen(wrapKey(secret, share, exportX25519Public(identity)), zeroNonce, body);
  if (fileKey === undefined) return undefined;
  const signed = whole.slice(0, whole.lastIndexOf("--- ") + 3);
  if (!timingSafeEqual(headerMac(fileKey, signed), mac)) return undefined;
  const payload = file.subarray(whole.length);
  if (payload.length < payloadNonceLength + tagLength) return undefined;
  const key = derive(fileKey, payload.subarray(0, payloadNonceLength), "payload");
  return chachaOpen(key, onlyChunk, payload.subarray(payloadNonceLength));
}

function wrapKey(secret: Buffer, share: Uint8Array, recipient: Uint8Array): Buffer {
  return derive(secret, Buffer.concat([share, recipient]), wrapLabel);
}

function headerMac(fileKey: Uint8Array, signed: string): Buffer {
  return createHmac("sha256", derive(fileKey, zeroNonce.subarray(0, 0), "header"))
    .update(signed)
    .digest();
}

function derive(secret: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, label, 32));
}

function chachaSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagLength });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function chachaOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const tagStart = sealed.length - tagLength;
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

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** 32 bytes from 43 characters, or `undefined` when the unused bits of the last are not zero. */
function decodeUnpadded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return unpadded(bytes) === text ? bytes : undefined;
}
