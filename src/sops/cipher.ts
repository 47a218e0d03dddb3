import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { IntegrityError } from "../errors.js";
import type { SopsPath, SopsScalar } from "./document.js";
import { scalarBytes } from "./scalar.js";
import { scalarOfBytes } from "./decrypted.js";

/** The parts of `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`. */
export interface EncryptedText {
  readonly data: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  /** `str`, `int`, `float`, `bool`, `bytes`, `time` or `comment`. */
  readonly type: string;
}

const ivLength = 32;
const tagLength = 16;
const start = "ENC[AES256_GCM,data:";
const types: ReadonlySet<string> = new Set(["str", "int", "float", "bool", "bytes", "time", "comment"]);

/**
 * Takes an encrypted value of SOPS apart. Exactly one spelling of each is accepted: what comes out of
 * {@link formatEncrypted}.
 *
 * @returns `undefined` when the text is anything else
 */
export function parseEncrypted(text: string): EncryptedText | undefined {
  // No regular expression: a value may have megabytes.
  if (!text.startsWith(start) || !text.endsWith("]")) return undefined;
  const [data = "", iv = "", tag = "", type = "", ...more] = text.slice(start.length, -1).split(",", 5);
  if (!iv.startsWith("iv:") || !tag.startsWith("tag:") || !type.startsWith("type:") || more.length > 0)
    return undefined;
  const encrypted = { data: decoded(data), iv: decoded(iv.slice(3)), tag: decoded(tag.slice(4)), type: type.slice(5) };
  const fits = encrypted.data.length > 0 && encrypted.iv.length === ivLength && encrypted.tag.length === tagLength;
  // Decoding passes over what is no Base64, and over bits before `=` that mean nothing: only one spelling is canonical.
  return fits && types.has(encrypted.type) && formatEncrypted(encrypted) === text ? encrypted : undefined;
}

/** The opposite of {@link parseEncrypted}. */
export function formatEncrypted({ data, iv, tag, type }: EncryptedText): string {
  const [first, second, third] = [data, iv, tag].map((bytes) => bytes.toString("base64"));
  return `ENC[AES256_GCM,data:${first},iv:${second},tag:${third},type:${type}]`;
}

/** What binds a value to its place: the keys of its path, each followed by `:`; indices of lists are left out. */
export function associatedData(path: SopsPath): string {
  return `${path.filter((part) => typeof part === "string").join(":")}:`;
}

/**
 * Encrypts one value for its place, with a new random IV.
 *
 * @param key - the 32 bytes of the data key
 * @param place - as {@link associatedData} makes it
 * @returns the scalar to write: null and empty text stay as they are, as in SOPS
 */
export function encryptScalar(scalar: SopsScalar, key: KeyObject, place: string): SopsScalar {
  const plain = scalarBytes(scalar);
  if (plain === undefined || plain.length === 0) return scalar;
  // SOPS reads text that is not UTF-8 as a `str` too, and writes no `bytes` itself.
  const type = scalar.type === "bytes" ? "str" : scalar.type;
  return { type: "str", value: sealBytes(plain, key, place, type) };
}

function sealBytes(plain: Uint8Array, key: KeyObject, place: string, type: string): string {
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagLength });
  cipher.setAAD(Buffer.from(place, "utf8"));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return formatEncrypted({ data, iv, tag: cipher.getAuthTag(), type });
}

/**
 * Decrypts one value.
 *
 * @param scalar - as it stands in the file: text in the form of {@link parseEncrypted}, or empty text, which stays
 * @throws IntegrityError, without a place, when it is not encrypted, was altered, or was encrypted for another place
 */
export function decryptScalar(scalar: SopsScalar, key: KeyObject, place: string): SopsScalar {
  if (scalar.type === "str" && scalar.value === "") return scalar;
  const { plain, type } = openText(scalar, key, place);
  if (type === "comment") throw new IntegrityError("a value stands encrypted as a comment");
  return scalarOfBytes(type, plain);
}

function openText(
  scalar: SopsScalar,
  key: KeyObject,
  place: string,
): { readonly plain: Buffer; readonly type: string } {
  const encrypted = scalar.type === "str" ? parseEncrypted(scalar.value) : undefined;
  if (encrypted === undefined) throw new IntegrityError("expected an encrypted value");
  const decipher = createDecipheriv("aes-256-gcm", key, encrypted.iv, { authTagLength: tagLength });
  decipher.setAAD(Buffer.from(place, "utf8"));
  decipher.setAuthTag(encrypted.tag);
  try {
    return { plain: Buffer.concat([decipher.update(encrypted.data), decipher.final()]), type: encrypted.type };
  } catch (cause) {
    throw new IntegrityError("it does not decrypt: it was altered, moved, or encrypted with another data key", {
      cause,
    });
  }
}

function decoded(text: string): Buffer {
  return Buffer.from(text, "base64");
}
