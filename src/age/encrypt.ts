import { randomBytes } from "node:crypto";
import { InvalidInputError, quote } from "../errors.js";
import { encodeArmor } from "./armor.js";
import { formatHeader } from "./header.js";
import type { Stanza } from "./header.js";
import { sealPayload } from "./payload.js";
import type { AgeRecipients } from "./recipients.js";
import { wrapX25519 } from "./x25519-stanza.js";

const fileKeyLength = 16;

export interface EncryptOptions {
  /** As text, in lines of 64 characters. Default: binary. */
  readonly armored?: boolean;
}

/**
 * An age file for these recipients.
 *
 * @throws InvalidInputError when one of them is no public key: a point of low order, a number out of range
 */
export async function encryptAge(
  plaintext: Uint8Array,
  recipients: AgeRecipients,
  options: EncryptOptions = {},
): Promise<Buffer> {
  if (recipients.kind === "x25519") {
    const fileKey = randomBytes(fileKeyLength);
    const stanzas = recipients.points.map((point, index) => {
      const stanza = wrapX25519(point, fileKey);
      if (stanza === undefined) throw notAKey(recipients.texts[index] ?? "");
      return stanza;
    });
    return shaped(assemble(stanzas, fileKey, plaintext), options);
  }
  const { encryptHybrid } = await import("./hybrid.js");
  try {
    return shaped(await encryptHybrid(recipients.texts, plaintext), options);
  } catch (cause) {
    throw notAKey(recipients.texts.length === 1 ? (recipients.texts[0] ?? "") : undefined, cause);
  }
}

/**
 * An age file for a passphrase.
 *
 * @param options.workFactor - the binary logarithm of scrypt's cost; the age program's own, 18, by default
 */
export async function encryptAgeToPassphrase(
  plaintext: Uint8Array,
  passphrase: string,
  options: EncryptOptions & { readonly workFactor?: number } = {},
): Promise<Buffer> {
  const { wrapScrypt } = await import("./scrypt-stanza.js");
  const fileKey = randomBytes(fileKeyLength);
  const stanza = await wrapScrypt(passphrase, fileKey, options.workFactor);
  return shaped(assemble([stanza], fileKey, plaintext), options);
}

function assemble(stanzas: readonly Stanza[], fileKey: Uint8Array, plaintext: Uint8Array): Buffer {
  return Buffer.concat([formatHeader(stanzas, fileKey), sealPayload(fileKey, plaintext)]);
}

function shaped(file: Buffer, { armored = false }: EncryptOptions): Buffer {
  return armored ? Buffer.from(encodeArmor(file)) : file;
}

function notAKey(recipient: string | undefined, cause?: unknown): InvalidInputError {
  const which = recipient === undefined ? "one of the recipients" : quote(recipient);
  return new InvalidInputError(`${which} is not an age recipient`, {
    cause,
    hint: "use the public key that `age-keygen -y` prints",
  });
}
