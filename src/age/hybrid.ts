import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { AgeFormatError } from "./format-error.js";
import type { AgeHeader } from "./header.js";

/** The recipient `age1pq1…` of an identity `AGE-SECRET-KEY-PQ-1…`. */
export async function hybridRecipient(identity: string): Promise<string> {
  return identityToRecipient(identity);
}

/**
 * @param identity - `AGE-SECRET-KEY-PQ-1…`
 * @returns the key of the file, or `undefined` when none of its recipients is this identity
 * @throws AgeFormatError when one of them is malformed, or the header was altered
 */
export async function unwrapHybrid(identity: string, header: AgeHeader): Promise<Buffer | undefined> {
  let isForAnother = false;
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  // Asked only when the one before did not answer: tells another's file from a damaged one.
  decrypter.addIdentity({
    unwrapFileKey: () => {
      isForAnother = true;
      return null;
    },
  });
  try {
    return Buffer.from(await decrypter.decryptHeader(header.bytes));
  } catch {
    if (isForAnother) return undefined;
    throw new AgeFormatError("a post-quantum recipient in its header is malformed, or its header was altered");
  }
}

/**
 * A binary age file for post-quantum recipients.
 *
 * @throws the library's error when one of them is not a public key
 */
export async function encryptHybrid(recipients: readonly string[], plaintext: Uint8Array): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(plaintext));
}
