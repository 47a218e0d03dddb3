import { compareText, forms } from "./grammar.js";
import { marshalHead, parseHead } from "./head.js";
import { lineCursor, nextLine, peekLine, readFields, refuseLine } from "./lines.js";
import type { FileSignature, SealedContents, SealedHead, SecretRecord } from "./records.js";
import { lineNumberAt, marshalSecretLine, parseSecretLine } from "./secret-line.js";

/** The longest file, in bytes: 64 MiB. */
export const maximumStoreBytes = 64 * 1024 * 1024;

/** A store's bytes with the places of its parts; the secrets are not parsed. */
export interface SealedLayout {
  readonly bytes: Buffer;
  readonly head: SealedHead;
  /** Where the first `secret` line starts; equal to `signatureStart` when there is none. */
  readonly secretsStart: number;
  /** Where the `signature` line starts: everything before it is signed. */
  readonly signatureStart: number;
}

/**
 * Finds and reads the last line, the signature, without looking at anything before it.
 *
 * @throws IntegrityError when the last line is not a signature
 */
export function parseSignature(bytes: Buffer): { readonly signature: FileSignature; readonly signatureStart: number } {
  const last = bytes.length - 1;
  const signatureStart = last > 0 ? bytes.lastIndexOf(10, last - 1) + 1 : 0;
  const number = (): number => lineNumberAt(bytes, signatureStart);
  if (bytes[last] !== 10) refuseLine(number, "expected a line feed at the end");
  const line = bytes.toString("latin1", signatureStart, last);
  const [key, signature] = readFields(line, number, "signature", [forms.publicKey, forms.signature]);
  return { signature: { key, signature }, signatureStart };
}

/**
 * Reads the lines before the secrets.
 *
 * @throws IntegrityError naming the line
 */
export function parseLayout(bytes: Buffer, signatureStart: number): SealedLayout {
  const cursor = lineCursor(bytes, signatureStart);
  const head = parseHead(cursor);
  return { bytes, head, secretsStart: cursor.offset, signatureStart };
}

/**
 * Reads every line. What this accepts, {@link marshalSealed} writes back to identical bytes. No key is needed and
 * nothing is verified.
 *
 * @throws IntegrityError naming the first line that is not what the format allows there
 */
export function parseSealed(bytes: Buffer): {
  readonly contents: SealedContents;
  readonly signature: FileSignature;
} {
  const { signature, signatureStart } = parseSignature(bytes);
  const cursor = lineCursor(bytes, signatureStart);
  const head = parseHead(cursor);
  const policies = new Set(head.compartments.map((compartment) => compartment.policy));
  const secrets: SecretRecord[] = [];
  for (let line = peekLine(cursor); line !== undefined; line = peekLine(cursor)) {
    const record = parseSecretLine(line, cursor.number);
    const before = secrets.at(-1);
    const order = before === undefined ? -1 : compareText(before.path, record.path);
    if (order === 0) refuseLine(cursor.number, "repeats a path");
    if (order > 0) refuseLine(cursor.number, "expected paths in sorted order");
    if (!policies.has(record.policy)) refuseLine(cursor.number, "expected a compartment with this policy");
    secrets.push(record);
    nextLine(cursor);
  }
  return { contents: { ...head, secrets }, signature };
}

/** The bytes that are signed: every line but the signature. The records must be valid and sorted. */
export function marshalContents(contents: SealedContents): Buffer {
  const lines = contents.secrets.map((record) => `${marshalSecretLine(record)}\n`);
  return Buffer.from(marshalHead(contents) + lines.join(""), "latin1");
}

/** A whole file. */
export function marshalSealed(contents: SealedContents, signature: FileSignature): Buffer {
  return appendSignature(marshalContents(contents), signature);
}

export function appendSignature(signed: Buffer, { key, signature }: FileSignature): Buffer {
  return Buffer.concat([signed, Buffer.from(`signature ${key} ${signature}\n`, "latin1")]);
}
