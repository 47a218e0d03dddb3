import { createPrivateKey, createPublicKey, hkdfSync, sign, verify } from "node:crypto";
import { encodeBase64 } from "./encoding.js";

const seedPrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const derivationLabel = "mxm-secrets/sealed/1 writer";

/** A key that signs changes to sealed stores. */
export interface WriterKey {
  /** The Ed25519 public key, base64. */
  readonly publicKey: string;
  /** @returns the Ed25519 signature of the message, base64 */
  readonly sign: (message: Uint8Array) => string;
}

/**
 * The signing key that belongs to an age identity: the Ed25519 seed (RFC 8032) is HKDF-SHA256 (RFC 5869) of the
 * identity's 32 secret bytes with an empty salt and a label of its own, so one file holds both keys and neither tells
 * anything about the other.
 */
export function deriveWriterKey(identitySecret: Uint8Array): WriterKey {
  const seed = Buffer.from(hkdfSync("sha256", identitySecret, "", derivationLabel, 32));
  const privateKey = createPrivateKey({ key: Buffer.concat([seedPrefix, seed]), format: "der", type: "pkcs8" });
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  return {
    publicKey: encodeBase64(publicKey),
    sign: (message) => encodeBase64(sign(null, message, privateKey)),
  };
}

/** Whether `signature` over `message` was made by the owner of `publicKey`; both base64 of the right length. */
export function verifySignature(publicKey: string, message: Uint8Array, signature: string): boolean {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  // A JWK (RFC 8037), because the first DER in a process costs a command a millisecond more.
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, Buffer.from(signature, "base64"));
}
