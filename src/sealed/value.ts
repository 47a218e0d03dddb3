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
  // A plain array: V8 makes a view of one itself, where that of a `Buffer` is made by code of Node's.
  const view = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const pathStart = prefix.length + 4;
  let address = view;
  let tail = { version: "", type: "", bytes: lengthPrefixed(["", ""]) };
  let views: SealedViews | undefined;
  return (path, version, type, sealed, length) => {
    if (tail.version !== version || tail.type !== type) {
      tail = { version, type, bytes: lengthPrefixed([version, type]) };
    }
    // The length of a path takes four bytes, of which its at most 1,024 characters need the last two. All is ASCII.
    data[pathStart - 2] = path.length >> 8;
    data[pathStart - 1] = path.length & 0xff;
    const tailStart = pathStart + data.write(path, pathStart, "latin1");
    data.set(tail.bytes, tailStart);
    const end = tailStart + tail.bytes.length;
    if (address.length !== end) address = view.subarray(0, end);
    // A reader decodes one value after the other to the same place, and many are of one length.
    if (views?.sealed !== sealed || views.length !== length) views = viewsOf(sealed, length);
    const decipher = createDecipheriv("aes-256-gcm", key, views.nonce);
    decipher.setAAD(address);
    decipher.setAuthTag(views.tag);
    const value = decipher.update(views.ciphertext);
    try {
      decipher.final();
      return value;
    } catch {
      return undefined;
    }
  };
}

/** The parts of a sealed value. */
interface SealedViews {
  readonly sealed: Buffer;
  readonly length: number;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

function viewsOf(sealed: Buffer, length: number): SealedViews {
  const part = (from: number, to: number): Uint8Array =>
    new Uint8Array(sealed.buffer, sealed.byteOffset + from, to - from);
  const tagStart = length - tagLength;
  return {
    sealed,
    length,
    nonce: part(0, nonceLength),
    ciphertext: part(nonceLength, tagStart),
    tag: part(tagStart, length),
  };
}
