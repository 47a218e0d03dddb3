import { randomBytes, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { AgeFormatError } from "../age/format-error.js";
import { formatHeader, parseHeader } from "../age/header.js";
import { openPayload, sealPayload } from "../age/payload.js";
import { headerMac } from "../age/primitives.js";
import { exportX25519Public } from "../age/x25519.js";
import { unwrapX25519, wrapX25519 } from "../age/x25519-stanza.js";

/**
 * A binary age file (age-encryption.org/v1, https://c2sp.org/age) for one X25519 recipient.
 *
 * @param recipient - the 32 bytes of the recipient
 * @returns `undefined` when the recipient is a point of low order, to which nothing can be encrypted
 */
export function encryptAgeX25519(recipient: Uint8Array, plaintext: Uint8Array): Buffer | undefined {
  const fileKey = randomBytes(16);
  const stanza = wrapX25519(recipient, fileKey);
  if (stanza === undefined) return undefined;
  return Buffer.concat([formatHeader([stanza], fileKey), sealPayload(fileKey, plaintext)]);
}

/**
 * The plaintext of a binary age file whose only recipient is this identity's X25519 key.
 *
 * @returns `undefined` when the file is anything else, was altered, or is for another key
 */
export function decryptAgeX25519(identity: KeyObject, file: Buffer): Buffer | undefined {
  try {
    const header = parseHeader(file);
    if (header.stanzas.length > 1) return undefined;
    const fileKey = unwrapX25519(identity, exportX25519Public(identity), header.stanzas);
    if (fileKey === undefined || !timingSafeEqual(headerMac(fileKey, header.signed), header.mac)) return undefined;
    return openPayload(fileKey, file.subarray(header.bytes.length));
  } catch (error) {
    if (error instanceof AgeFormatError) return undefined;
    throw error;
  }
}
