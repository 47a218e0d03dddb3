import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { IntegrityError, quote, UnavailableError } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { readRegular } from "../files/open-regular.js";
import { marshalDocument, parseDocument } from "./document.js";
import type { OlderDocument } from "./document.js";
import type { FernetKey } from "./key.js";
import { makeToken, marshalToken, openToken, parseToken } from "./token.js";

const maximumBytes = 64 * 1024 * 1024;

/** An opened file: what is in it, and which of the keys opened it. */
export interface OpenedOlder {
  readonly document: OlderDocument;
  readonly key: FernetKey;
}

/** What a new token takes from outside; both are random or present by default. */
export interface TokenInputs {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** 16 bytes. */
  readonly iv?: Buffer;
}

/**
 * Reads a file in the older format. The time of the token is not looked at: it does not expire.
 *
 * @param keys - tried in their order: while a key is being replaced there are two
 * @throws UnavailableError when there is no such file
 * @throws IntegrityError when it is no Fernet token, opens with none of the keys, or holds no flat JSON object
 */
export function readOlder(file: string, keys: readonly FernetKey[]): OpenedOlder {
  const text = readRegular(file, maximumBytes);
  if (text === undefined) throw new UnavailableError(`there is no store at ${quote(file)}`);
  return openOlder(text, keys, file);
}

/** The same for the text of a file. */
export function openOlder(text: string, keys: readonly FernetKey[], file: string): OpenedOlder {
  const token = parseToken(text.replace(/\r?\n$/, ""));
  if (token === undefined) throw altered(file, "it is not one whole Fernet token");
  for (const key of keys) {
    const plaintext = openToken(token, key);
    if (plaintext === undefined) continue;
    try {
      return { document: parseDocument(plaintext), key };
    } catch (error) {
      throw error instanceof IntegrityError ? altered(file, error.message, error) : error;
    }
  }
  throw altered(file, "it was altered, or belongs to another key: this format cannot tell the two apart");
}

/** The text of a file with this document. */
export function olderText(document: OlderDocument, key: FernetKey, inputs: TokenInputs): string {
  const seconds = BigInt(Math.floor(inputs.now / 1000));
  return marshalToken(makeToken(marshalDocument(document), key, seconds, inputs.iv ?? randomBytes(16)));
}

/**
 * Replaces a file by one with this document, atomically. The new text was opened and compared before. The caller holds
 * the lock of the file.
 *
 * @throws IntegrityError when the new text does not open to the same document; the old file is as it was then
 */
export function replaceOlder(file: string, document: OlderDocument, key: FernetKey, inputs: TokenInputs): void {
  const text = olderText(document, key, inputs);
  if (!marshalDocument(openOlder(text, [key], file).document).equals(marshalDocument(document))) {
    throw new IntegrityError(`what would be written to ${quote(file)} does not read back the same`);
  }
  writeFileAtomically(file, text, { mode: modeOf(file), compare: true });
}

/** A file that is there keeps its permissions; a new one is its owner's. */
function modeOf(file: string): number {
  const status = statSync(file, { throwIfNoEntry: false });
  return status === undefined ? 0o600 : status.mode & 0o777;
}

function altered(file: string, fault: string, cause?: unknown): IntegrityError {
  return new IntegrityError(`the store ${quote(file)}, in the older format: ${fault}`, {
    cause,
    hint: "restore the file, or the key that belongs to it, from version control or a backup",
  });
}
