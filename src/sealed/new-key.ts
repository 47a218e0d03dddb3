import type { IdentityKind } from "../age/secret-key.js";
import { InvalidInputError } from "../errors.js";
import { generateIdentity, parseIdentity } from "./identity.js";
import type { Identity } from "./identity.js";

/** A new private key: the text of its file, as `age-keygen` would write it, and the identity in it. */
export interface NewKey {
  readonly text: string;
  readonly identity: Identity;
}

/** @param passphrase - encrypts the file, armored; absent for a plain one */
export async function makeKeyIdentity(kind: IdentityKind, passphrase: string | undefined): Promise<NewKey> {
  const line = generateIdentity(kind);
  const identity = await parseIdentity(line);
  if (identity === undefined) throw new InvalidInputError("the new key cannot be read back");
  const text = `# public key: ${identity.recipient}\n${line}\n`;
  if (passphrase === undefined) return { text, identity };
  const { encryptIdentityFile } = await import("../age/identity-file.js");
  return { text: await encryptIdentityFile(text, passphrase), identity };
}
