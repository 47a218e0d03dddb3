import { hash } from "node:crypto";
import { IntegrityError, InvalidInputError } from "../errors.js";
import { verifySignature } from "./ed25519.js";
import type { WriterKey } from "./ed25519.js";
import {
  appendSignature,
  marshalContents,
  maximumStoreBytes,
  parseLayout,
  parseSealed,
  parseSignature,
} from "./format.js";
import type { SealedLayout } from "./format.js";
import type { FileSignature, SealedContents } from "./records.js";

const label = Buffer.from("mxm-secrets/sealed/1 manifest");
const digestLength = 32;

/** A layout whose bytes are exactly those that `signer` signed. Whether `signer` may sign is not decided here. */
export interface SignedLayout extends SealedLayout {
  /** The Ed25519 public key, base64. */
  readonly signer: string;
}

/**
 * A whole file: the records, and the writer's signature over every byte before it.
 *
 * @throws InvalidInputError when it would be longer than a store may be
 */
export function signSealed(contents: SealedContents, writer: WriterKey): Buffer {
  const signed = marshalContents(contents);
  const bytes = appendSignature(signed, {
    key: writer.publicKey,
    signature: writer.sign(manifestMessage(signed)),
  });
  if (bytes.length <= maximumStoreBytes) return bytes;
  throw new InvalidInputError(`the sealed store would have ${bytes.length} bytes, more than ${maximumStoreBytes}`, {
    hint: "keep some of the values in another store",
  });
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
  const message = Buffer.alloc(label.length + digestLength);
  message.set(label);
  message.write(hash("sha256", signed), label.length, "hex");
  return message;
}
