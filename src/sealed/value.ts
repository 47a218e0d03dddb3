import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { encodeBase64, lengthPrefixed } from "./encoding.js";
import type { SecretRecord } from "./records.js";

const label = "mxm-secrets/sealed/1 value";
const nonceLength = 12;
const tagLength = 16;
/** A path of 1,024 characters, a version of 16 digits, the longer type, and their three lengths. */
const longestAddress = 1024 + 16 + 5 + 12;

/** The longest value a sealed store takes, in bytes. */
export const maximumValueBytes = 1024 * 1024;

/** What a ciphertext belongs to: it decrypts nowhere else. */
export type ValueAddress = Pick<SecretRecord, "path" | "policy" | "version" | "type">;

/** The part of the associated data that is the same for a whole compartment: label, store id, compartment. */
export function compartmentPrefix(storeId: string, policy: string): Buffer {
  return lengthPrefixed([label, Buffer.from(storeId, "base64"), policy]);
}

/** Encrypts a value under AES-256-GCM with a fresh random nonce. @returns the record's `type` and `sealed` fields */
export function sealValue(
  key: KeyObject,
  storeId: string,
  address: Omit<ValueAddress, "type">,
  value: Uint8Array,
): Pick<SecretRecord, "type" | "sealed"> {
  const type = isUtf8(value) ? "text" : "bytes";
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
  const prefix = compartmentPrefix(storeId, address.policy);
  cipher.setAAD(Buffer.concat([prefix, lengthPrefixed([address.path, String(address.version), type])]));
  const sealed = Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  return { type, sealed: encodeBase64(sealed) };
}

/**
 * Decrypts what {@link sealValue} made.
 *
 * @param sealed - begins with nonce, ciphertext and tag
 * @param length - of these three, in bytes
 * @returns `undefined` when it was not made under this key for this address
 */
export type ValueOpener = (
  path: string,
  version: string,
  type: string,
  sealed: Buffer,
  length: number,
) => Buffer | undefined;

/** The opener of one compartment. What stays the same for all its values is made once: a batch calls it for each. */
export function valueOpener(key: KeyObject, storeId: string, policy: string): ValueOpener {
  const prefix = compartmentPrefix(storeId, policy);
  const data = Buffer.alloc(prefix.length + longestAddress);
  data.set(prefix);
  let last: Buffer | undefined;
  let nonce: Buffer = data;
  return (path, version, type, sealed, length) => {
    // A reader decodes one value after the other to the same place.
    if (last !== sealed) nonce = sealed.subarray(0, nonceLength);
    last = sealed;
    const tagStart = length - tagLength;
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAAD(data.subarray(0, writeAddress(data, prefix.length, path, version, type)));
    decipher.setAuthTag(sealed.subarray(tagStart, length));
    const value = decipher.update(sealed.subarray(nonceLength, tagStart));
    try {
      decipher.final();
      return value;
    } catch {
      return undefined;
    }
  };
}

/** Writes path, version and type, each after its length. All are ASCII. @returns where they end */
function writeAddress(data: Buffer, start: number, path: string, version: string, type: string): number {
  let offset = writeField(data, start, path);
  offset = writeField(data, offset, version);
  return writeField(data, offset, type);
}

/** The length takes four bytes, of which a field of at most 1,024 characters needs the last two. @returns where it ends */
function writeField(data: Buffer, start: number, field: string): number {
  data[start] = 0;
  data[start + 1] = 0;
  data[start + 2] = field.length >> 8;
  data[start + 3] = field.length & 0xff;
  for (let index = 0; index < field.length; index++) data[start + 4 + index] = field.charCodeAt(index);
  return start + 4 + field.length;
}
