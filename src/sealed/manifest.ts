import { hash } from "node:crypto";
import { IntegrityError } from "../errors.js";
import { verifySignature } from "./ed25519.js";
import type { WriterKey } from "./ed25519.js";
import { appendSignature, marshalContents, parseLayout, parseSealed, parseSignature } from "./format.js";
import type { SealedLayout } from "./format.js";
import type { FileSignature, SealedContents } from "./records.js";

const label = Buffer.from("mxm-secrets/sealed/1 manifest");

/** A layout whose bytes are exactly those that `signer` signed. Whether `signer` may sign is not decided here. */
export interface SignedLayout extends SealedLayout {
  /** The Ed25519 public key, base64. */
  readonly signer: string;
}

/** A whole file: the records, and the writer's signature over every byte before it. */
export function signSealed(contents: SealedContents, writer: WriterKey): Buffer {
  const signed = marshalContents(contents);
  return appendSignature(signed, { key: writer.publicKey, signature: writer.sign(manifestMessage(signed)) });
}

/**
 * Checks the signature before it looks at anything else, then reads the lines before the secrets.
 *
 * @throws IntegrityError when a byte was changed after signing, naming the line when the format shows it
 */
export function openSigned(bytes: Buffer): SignedLayout {
  const { signature, signatureStart } = parseSignature(bytes);
  if (!isSignedBy(signature, bytes.subarray(0, signatureStart))) {
    parseSealed(bytes);
    throw new IntegrityError("the signature does not match: the file was altered after a writer signed it", {
      hint: "restore the file from version control, or ask a writer to write it again",
    });
  }
  return { ...parseLayout(bytes, signatureStart), signer: signature.key };
}

function isSignedBy({ key, signature }: FileSignature, signed: Uint8Array): boolean {
  return verifySignature(key, manifestMessage(signed), signature);
}

/** Ed25519 reads its message twice; hashing first keeps a store of 100,000 secrets quick to open. */
function manifestMessage(signed: Uint8Array): Buffer {
  return Buffer.concat([label, hash("sha256", signed, "buffer")]);
}
