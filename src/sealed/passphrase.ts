import { LockedError, quote } from "../errors.js";

/**
 * The text of an age file encrypted with a passphrase (scrypt), armored or not.
 *
 * @throws LockedError when the passphrase is wrong or the file is damaged: age cannot tell them apart
 */
export async function decryptIdentityFile(bytes: Buffer, passphrase: string, file: string): Promise<string> {
  const { Decrypter, armor } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    const armored = bytes.toString("latin1").trimStart().startsWith("-----BEGIN");
    return await decrypter.decrypt(armored ? armor.decode(bytes.toString("latin1")) : bytes, "text");
  } catch {
    throw new LockedError(`the key ${quote(file)} does not open with this passphrase`, {
      hint: "check the passphrase; if it is right, the file is damaged",
    });
  }
}

/** The text of an identity file, encrypted with a passphrase (scrypt, age's default work factor), armored. */
export async function encryptIdentityFile(text: string, passphrase: string): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return armor.encode(await encrypter.encrypt(text));
}
