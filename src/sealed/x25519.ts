import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import type { KeyObject } from "node:crypto";

const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicPrefix = Buffer.from("302a300506032b656e032100", "hex");

/** An X25519 private key (RFC 7748) from its 32 bytes; the DER around them is RFC 8410's. */
export function importX25519Private(scalar: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, scalar]), format: "der", type: "pkcs8" });
}

/** The 32 bytes of the public key that belongs to a private or public key. */
export function exportX25519Public(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ format: "der", type: "spki" }).subarray(publicPrefix.length);
}

/**
 * The shared secret of a private key and another's 32 public bytes.
 *
 * @returns `undefined` when the public key is of low order and the secret would be all zeros
 */
export function sharedX25519(privateKey: KeyObject, otherPublic: Uint8Array): Buffer | undefined {
  const key = Buffer.concat([publicPrefix, otherPublic]);
  const publicKey = createPublicKey({ key, format: "der", type: "spki" });
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return undefined;
  }
}
