import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { joinBytes } from "../files/bytes.js";
import { AgeFormatError } from "./format-error.js";
import type { Stanza } from "./header.js";
import { chachaOpen, chachaSeal, decodeUnpadded, derive, encodeUnpadded, zeroNonce } from "./primitives.js";
import { x25519Type } from "./stanza-types.js";
import { exportX25519Public, sharedX25519 } from "./x25519.js";

const label = "age-encryption.org/v1/X25519";
const wrappedLength = 32;

/**
 * Wraps the key of a file to an X25519 recipient (https://c2sp.org/age, section X25519 recipient).
 *
 * @param recipient - its 32 bytes
 * @returns `undefined` when it is a point of low order, to which nothing can be encrypted
 */
export function wrapX25519(recipient: Uint8Array, fileKey: Uint8Array): Stanza | undefined {
  const ephemeral = generateKeyPairSync("x25519").privateKey;
  const share = exportX25519Public(ephemeral);
  const secret = sharedX25519(ephemeral, recipient);
  if (secret === undefined) return undefined;
  const key = derive(secret, joinBytes([share, recipient]), label);
  return { type: x25519Type, args: [encodeUnpadded(share)], body: chachaSeal(key, zeroNonce, fileKey) };
}

/**
 * @param recipient - the 32 public bytes of the private key
 * @returns the key of the file, or `undefined` when none of the stanzas is for this identity
 * @throws AgeFormatError when one of them is malformed
 */
export function unwrapX25519(
  privateKey: KeyObject,
  recipient: Uint8Array,
  stanzas: readonly Stanza[],
): Buffer | undefined {
  for (const stanza of stanzas) {
    if (stanza.type !== x25519Type) continue;
    const [encoded = "", ...more] = stanza.args;
    const share = decodeUnpadded(encoded);
    if (share?.length !== 32 || more.length > 0 || stanza.body.length !== wrappedLength) throw malformed();
    const secret = sharedX25519(privateKey, share);
    if (secret === undefined) throw malformed();
    const fileKey = chachaOpen(derive(secret, joinBytes([share, recipient]), label), zeroNonce, stanza.body);
    if (fileKey !== undefined) return fileKey;
  }
  return undefined;
}

function malformed(): AgeFormatError {
  return new AgeFormatError("an X25519 recipient in its header is malformed");
}
