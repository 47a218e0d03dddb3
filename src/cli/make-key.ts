import { dirname, resolve } from "node:path";
import { InvalidInputError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { makeKeyIdentity } from "../sealed/new-key.js";
import type { Identity } from "../sealed/identity.js";
import { addIgnored } from "./git-files.js";
import { askHidden } from "./prompt.js";
import { regularFile } from "./regular-file.js";

/** How a key is made. */
export interface KeyOptions {
  readonly postQuantum: boolean;
  readonly passphrase: boolean;
}

/**
 * Makes a private key file, 0600, and keeps git away from it first.
 *
 * @throws InvalidInputError when there is one already, or a symbolic link in its place
 */
export async function makeKey(file: string, options: KeyOptions): Promise<Identity> {
  if (regularFile(file) !== undefined)
    throw new InvalidInputError(`${quote(file)} exists already; a key is never replaced`);
  const passphrase = options.passphrase ? await newPassphrase() : undefined;
  const { text, identity } = await makeKeyIdentity(options.postQuantum ? "hybrid" : "x25519", passphrase);
  // What a killed process leaves of a key is a key.
  addIgnored(dirname(resolve(file)), [file, `${file}.*.tmp`]);
  writeFileAtomically(file, text, { mode: 0o600 });
  return identity;
}

async function newPassphrase(): Promise<string> {
  const given = process.env["MXM_SECRETS_PASSPHRASE"];
  if (given !== undefined && given !== "") return given;
  const first = Buffer.from(await askHidden("new passphrase")).toString();
  const second = Buffer.from(await askHidden("the same again")).toString();
  if (first === "" || first !== second)
    throw new InvalidInputError("the passphrase is empty or differs; nothing was made");
  return first;
}
