import { randomBytes, scrypt } from "node:crypto";
import { AgeFormatError } from "./format-error.js";
import type { Stanza } from "./header.js";
import { chachaOpen, chachaSeal, decodeUnpadded, encodeUnpadded, zeroNonce } from "./primitives.js";
import { scryptType } from "./stanza-types.js";

const label = "age-encryption.org/v1/scrypt";
const wrappedLength = 32;
const saltLength = 16;
/** About a second and 256 MiB, as the age program writes. */
export const usualWorkFactor = 18;
/** Four times that. Whoever can write a file says how much work reading it is. */
const maximumWorkFactor = 20;

/** Wraps the key of a file to a passphrase (https://c2sp.org/age, section scrypt recipient): the only one of its file. */
export async function wrapScrypt(
  passphrase: string,
  fileKey: Uint8Array,
  workFactor: number = usualWorkFactor,
): Promise<Stanza> {
  const salt = randomBytes(saltLength);
  const key = await stretch(passphrase, salt, workFactor);
  return {
    type: scryptType,
    args: [encodeUnpadded(salt), String(workFactor)],
    body: chachaSeal(key, zeroNonce, fileKey),
  };
}

/**
 * @returns the key of the file, or `undefined` when it is for no passphrase or for another
 * @throws AgeFormatError when it is malformed, or asks for too much work
 */
export async function unwrapScrypt(passphrase: string, stanzas: readonly Stanza[]): Promise<Buffer | undefined> {
  const stanza = stanzas.find(({ type }) => type === scryptType);
  if (stanza === undefined) return undefined;
  const [encoded = "", factor = "", ...more] = stanza.args;
  const salt = decodeUnpadded(encoded);
  const isWellFormed = salt?.length === saltLength && /^[1-9][0-9]*$/.test(factor) && more.length === 0;
  if (!isWellFormed || stanza.body.length !== wrappedLength) {
    throw new AgeFormatError("the passphrase recipient in its header is malformed");
  }
  const workFactor = Number(factor);
  if (workFactor > maximumWorkFactor) {
    throw new AgeFormatError(`its passphrase asks for more work than 2^${maximumWorkFactor}`);
  }
  return chachaOpen(await stretch(passphrase, salt, workFactor), zeroNonce, stanza.body);
}

async function stretch(passphrase: string, salt: Buffer, workFactor: number): Promise<Buffer> {
  const cost = 2 ** workFactor;
  const salted = Buffer.concat([Buffer.from(label), salt]);
  return new Promise((resolve, reject) => {
    // The memory it takes is 128 · N · r; Node wants the limit to be above.
    scrypt(passphrase, salted, 32, { N: cost, r: 8, p: 1, maxmem: 128 * 8 * (cost + 64) }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
