import { randomBytes } from "node:crypto";
import { InvalidInputError, quote } from "../errors.js";
import { decryptAgeX25519, encryptAgeX25519 } from "./age-file.js";
import { decodeBech32, encodeBech32 } from "../age/bech32.js";
import { decodeSecretKey, encodeSecretKey } from "../age/secret-key.js";
import type { IdentityKind, SecretKey } from "../age/secret-key.js";
import { deriveWriterKey } from "./ed25519.js";
import type { WriterKey } from "./ed25519.js";
import { exportX25519Public, importX25519Private } from "../age/x25519.js";

/** A private age key: what it opens, what it is called in public, and the signing key that belongs to it. */
export interface Identity {
  /** Its age recipient, `age1…` or `age1pq1…`. */
  readonly recipient: string;
  /** @returns the plaintext of an age file for this recipient alone, or `undefined` when it cannot be opened */
  readonly unwrap: (file: Buffer) => Promise<Buffer | undefined>;
  /** Derived when asked: a reader needs none. */
  readonly writerKey: () => WriterKey;
}

const kinds: Readonly<Record<IdentityKind, (secret: Buffer) => Promise<Identity>>> = {
  x25519: x25519Identity,
  hybrid: hybridIdentity,
};

/**
 * Reads one `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…` line.
 *
 * @returns `undefined` when the text is neither
 */
export async function parseIdentity(text: string): Promise<Identity | undefined> {
  const key = decodeSecretKey(text);
  return key === undefined ? undefined : identityFromKey(key);
}

/** The identity of a private key. */
export async function identityFromKey({ kind, secret }: SecretKey): Promise<Identity> {
  return kinds[kind](secret);
}

/** A new identity as the text of an age identity line. X25519 unless asked otherwise. */
export function generateIdentity(kind: IdentityKind = "x25519"): string {
  return encodeSecretKey(kind, randomBytes(32));
}

/**
 * A binary age file for one recipient.
 *
 * @throws InvalidInputError when the recipient is not one that age knows
 */
export async function wrapTo(recipient: string, plaintext: Uint8Array): Promise<Buffer> {
  const point = x25519Point(recipient);
  if (point !== undefined) {
    const file = encryptAgeX25519(point, plaintext);
    if (file === undefined) throw notARecipient(recipient);
    return file;
  }
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (cause) {
    throw notARecipient(recipient, cause);
  }
  return Buffer.from(await encrypter.encrypt(plaintext));
}

/** @throws InvalidInputError unless the text is an age recipient a compartment key can be wrapped to */
export async function requireRecipient(recipient: string): Promise<void> {
  await wrapTo(recipient, new Uint8Array(0));
}

async function x25519Identity(secret: Buffer): Promise<Identity> {
  const privateKey = importX25519Private(secret);
  return {
    recipient: encodeBech32("age", exportX25519Public(privateKey)),
    unwrap: async (file) => decryptAgeX25519(privateKey, file),
    writerKey: () => deriveWriterKey(secret),
  };
}

async function hybridIdentity(secret: Buffer): Promise<Identity> {
  const { Decrypter, identityToRecipient } = await import("age-encryption");
  const text = encodeSecretKey("hybrid", secret);
  return {
    recipient: await identityToRecipient(text),
    unwrap: async (file) => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(text);
      try {
        return Buffer.from(await decrypter.decrypt(file));
      } catch {
        return undefined;
      }
    },
    writerKey: () => deriveWriterKey(secret),
  };
}

/** The 32 bytes of an X25519 recipient, or `undefined` for another kind. */
function x25519Point(recipient: string): Buffer | undefined {
  if (!recipient.startsWith("age1") || recipient !== recipient.toLowerCase()) return undefined;
  const decoded = decodeBech32(recipient);
  if (decoded?.prefix !== "age") return undefined;
  if (decoded.bytes.length !== 32) throw notARecipient(recipient);
  return decoded.bytes;
}

function notARecipient(recipient: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`${quote(recipient)} is not an age recipient`, {
    cause,
    hint: "use the public key that `mxm-secrets keys public` or `age-keygen -y` prints",
  });
}
