import { timingSafeEqual } from "node:crypto";
import { IntegrityError, LockedError, quote } from "../errors.js";
import { decodeArmor, startsAsArmor } from "./armor.js";
import { AgeFormatError } from "./format-error.js";
import { parseHeader, startsAsAge } from "./header.js";
import type { AgeHeader } from "./header.js";
import type { AgeIdentity } from "./identities.js";
import { openPayload } from "./payload.js";
import { headerMac } from "./primitives.js";
import { scryptType } from "./stanza-types.js";

/** What came of decrypting a file. */
export type AgeOutcome =
  | { readonly kind: "value"; readonly value: Buffer }
  /** Sound as far as it can be told without its key, and for somebody else. `recipients`: the kinds it names. */
  | { readonly kind: "not_for_these"; readonly recipients: readonly string[] }
  /** `why` stands after `it is damaged:` and holds nothing from the file. */
  | { readonly kind: "corrupt"; readonly why: string };

/** Whether bytes are an age file, binary or armored, by their beginning. */
export function isAgeFile(file: Buffer): boolean {
  return startsAsAge(file) || startsAsArmor(file);
}

/**
 * Decrypts an age file (https://c2sp.org/age), binary or armored. Every byte is verified before any is returned. The
 * identities are tried in their order.
 */
export async function decryptAge(file: Buffer, identities: readonly AgeIdentity[]): Promise<AgeOutcome> {
  try {
    const binary = binaryOf(file);
    const header = parseHeader(binary);
    const fileKey = await firstKey(header, identities);
    if (fileKey === undefined) return { kind: "not_for_these", recipients: kindsOf(header) };
    if (!timingSafeEqual(headerMac(fileKey, header.signed), header.mac)) {
      return { kind: "corrupt", why: "its header was altered" };
    }
    return { kind: "value", value: openPayload(fileKey, binary.subarray(header.bytes.length)) };
  } catch (error) {
    if (error instanceof AgeFormatError) return { kind: "corrupt", why: error.message };
    throw error;
  }
}

/**
 * The head of an age file, binary or armored: what can be known of it without a key.
 *
 * @returns what is wrong when it is not well formed
 */
export function inspectAge(file: Buffer): AgeHeader | { readonly why: string } {
  try {
    return parseHeader(binaryOf(file));
  } catch (error) {
    if (error instanceof AgeFormatError) return { why: error.message };
    throw error;
  }
}

/**
 * The value of an outcome.
 *
 * @param name - what to call the file in messages
 * @throws LockedError when the file is not for these identities
 * @throws IntegrityError when it is damaged
 */
export function requireValue(outcome: AgeOutcome, name: string): Buffer {
  if (outcome.kind === "value") return outcome.value;
  if (outcome.kind === "corrupt") {
    throw new IntegrityError(`cannot decrypt ${quote(name)}: it is damaged: ${outcome.why}`, {
      hint: "restore it from a backup or from version control",
    });
  }
  if (outcome.recipients.includes(scryptType)) {
    throw new LockedError(`cannot decrypt ${quote(name)}: it is for a passphrase, and for none that was given`);
  }
  throw new LockedError(`cannot decrypt ${quote(name)}: it is for no identity that was given`, {
    hint: "have somebody who can read it encrypt it for your key too",
  });
}

function binaryOf(file: Buffer): Buffer {
  return startsAsArmor(file) ? decodeArmor(file) : file;
}

async function firstKey(header: AgeHeader, identities: readonly AgeIdentity[]): Promise<Buffer | undefined> {
  if (header.stanzas.length > 1 && header.stanzas.some(({ type }) => type === scryptType)) {
    throw new AgeFormatError("it is for a passphrase and for other recipients too");
  }
  for (const identity of identities) {
    const fileKey = await identity.unwrap(header);
    if (fileKey !== undefined) return fileKey;
  }
  return undefined;
}

function kindsOf({ stanzas }: AgeHeader): readonly string[] {
  return [...new Set(stanzas.map(({ type }) => type))];
}
