import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import type { KeyObject } from "node:crypto";

const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/**
 * An X25519 private key (RFC 7748) from its 32 bytes. Keys go in and out as JWK (RFC 8037), because the first DER in a
 * process costs a command a millisecond more; Node computes the public half itself, so `x` is there for the form only.
 */
export function importX25519Private(scalar: Uint8Array): KeyObject {
  const d = Buffer.from(scalar).toString("base64url");
  try {
    return createPrivateKey({ key: { kty: "OKP", crv: "X25519", d, x: "" }, format: "jwk" });
  } catch {
    // A runtime that insists on the right `x` gets the DER of RFC 8410 instead.
    return createPrivateKey({ key: Buffer.concat([privatePrefix, scalar]), format: "der", type: "pkcs8" });
  }
}

/** The 32 bytes of the public key that belongs to a private or public key. */
export function exportX25519Public(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
}

/**
 * The shared secret of a private key and another's 32 public bytes.
 *
 * @returns `undefined` when the public key is of low order and the secret would be all zeros
 */
export function sharedX25519(privateKey: KeyObject, otherPublic: Uint8Array): Buffer | undefined {
  const x = Buffer.from(otherPublic).toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  try {
    return diffieHellman({ privateKey, publicKey });
  } catch {
    return undefined;
  }
}
