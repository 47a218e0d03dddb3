import { LockedError, quote } from "../errors.js";
import { decryptAge } from "./decrypt.js";
import { encryptAgeToPassphrase } from "./encrypt.js";
import { passphraseIdentity } from "./identities.js";

/**
 * The text of an identity file that is protected by a passphrase: an age file (scrypt), armored or not.
 *
 * @param file - what to call it in messages
 * @throws LockedError when the passphrase is wrong, or the file is damaged or for something else than a passphrase
 */
export async function decryptIdentityFile(bytes: Buffer, passphrase: string, file: string): Promise<string> {
  const outcome = await decryptAge(bytes, [passphraseIdentity(passphrase)]);
  if (outcome.kind === "value") return outcome.value.toString();
  throw new LockedError(`the key ${quote(file)} does not open with this passphrase`, {
    hint:
      outcome.kind === "corrupt"
        ? `the file is damaged: ${outcome.why}`
        : "check the passphrase; if it is right, the file is damaged",
  });
}

/** The text of an identity file, encrypted with a passphrase (scrypt, age's default work factor), armored. */
export async function encryptIdentityFile(text: string, passphrase: string): Promise<string> {
  return (await encryptAgeToPassphrase(Buffer.from(text), passphrase, { armored: true })).toString();
}
