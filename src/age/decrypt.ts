import { timingSafeEqual } from "node:crypto";
import { IntegrityError, LockedError, quote } from "../errors.js";
import { decodeArmor, startsAsArmor } from "./armor.js";
import { AgeFormatError } from "./format-error.js";
import { parseHeader } from "./header.js";
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

/** An age file as far as it can be known without a key. */
export interface AgeFile {
  readonly header: AgeHeader;
  /** The kinds of its recipients, each once: `X25519`, `scrypt`, … */
  readonly kinds: readonly string[];
  readonly payload: Buffer;
}

/**
 * Decrypts an age file (https://c2sp.org/age), binary or armored. Every byte is verified before any is returned. The
 * identities are tried in their order.
 */
export async function decryptAge(file: Buffer, identities: readonly AgeIdentity[]): Promise<AgeOutcome> {
  const parsed = parseAge(file);
  return "why" in parsed ? parsed : openAge(parsed, identities);
}

/** Reads an age file, binary or armored, without a key. */
export function parseAge(file: Buffer): AgeFile | Extract<AgeOutcome, { kind: "corrupt" }> {
  try {
    const binary = startsAsArmor(file) ? decodeArmor(file) : file;
    const header = parseHeader(binary);
    const kinds = [...new Set(header.stanzas.map(({ type }) => type))];
    if (header.stanzas.length > 1 && kinds.includes(scryptType)) {
      throw new AgeFormatError("it is for a passphrase and for other recipients too");
    }
    return { header, kinds, payload: binary.subarray(header.bytes.length) };
  } catch (error) {
    return corrupt(error);
  }
}

/** The second half of {@link decryptAge}. */
export async function openAge(file: AgeFile, identities: readonly AgeIdentity[]): Promise<AgeOutcome> {
  try {
    const fileKey = await verifiedKey(file, identities);
    if (fileKey === undefined) return { kind: "not_for_these", recipients: file.kinds };
    return { kind: "value", value: openPayload(fileKey, file.payload) };
  } catch (error) {
    return corrupt(error);
  }
}

/** Whether a file is for one of these identities; its value is not decrypted. */
export async function isForOneOf(
  file: AgeFile,
  identities: readonly AgeIdentity[],
): Promise<boolean | Extract<AgeOutcome, { kind: "corrupt" }>> {
  try {
    return (await verifiedKey(file, identities)) !== undefined;
  } catch (error) {
    return corrupt(error);
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
  if (outcome.kind === "corrupt") throw damaged(name, outcome.why);
  if (outcome.recipients.includes(scryptType)) {
    throw new LockedError(`cannot decrypt ${quote(name)}: it is for a passphrase, and for none that was given`);
  }
  throw new LockedError(`cannot decrypt ${quote(name)}: it is for no identity that was given`, {
    hint: "have somebody who can read it encrypt it for your key too",
  });
}

/** The error for a file that was altered or is no age file. @param why - as an outcome has it */
export function damaged(name: string, why: string): IntegrityError {
  return new IntegrityError(`cannot decrypt ${quote(name)}: it is damaged: ${why}`, {
    hint: "restore it from a backup or from version control",
  });
}

async function verifiedKey({ header }: AgeFile, identities: readonly AgeIdentity[]): Promise<Buffer | undefined> {
  for (const identity of identities) {
    const fileKey = await identity.unwrap(header);
    if (fileKey === undefined) continue;
    if (timingSafeEqual(headerMac(fileKey, header.signed), header.mac)) return fileKey;
    throw new AgeFormatError("its header was altered");
  }
  return undefined;
}

/** @throws what is not about the file */
function corrupt(error: unknown): Extract<AgeOutcome, { kind: "corrupt" }> {
  if (error instanceof AgeFormatError) return { kind: "corrupt", why: error.message };
  throw error;
}
