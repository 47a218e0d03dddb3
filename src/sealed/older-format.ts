import { closeSync, readSync } from "node:fs";
import { quote, UnsupportedError } from "../errors.js";
import { openRegular } from "../files/open-regular.js";

const start = "gAAAA";

/** The store is in the older format (one Fernet token), which has no recipients, no writers and no compartments. */
export class OlderFormatError extends UnsupportedError {
  constructor(file: string) {
    super(`the store ${quote(file)} is in the older format, which has one key for everything`, {
      hint: "`mxm-secrets migrate` moves it to the sealed format",
    });
  }
}

/** Whether bytes begin as a Fernet token does: the version 0x80 and a time whose first bytes are zero, in base64. */
export function isOlderFormat(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, start.length) === start;
}

/** The same of a file, of which only the beginning is read. `false` when there is none. */
export function isOlderFile(file: string): boolean {
  const descriptor = openRegular(file);
  if (descriptor === undefined) return false;
  try {
    const bytes = Buffer.alloc(start.length);
    return readSync(descriptor, bytes) === start.length && isOlderFormat(bytes);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws OlderFormatError for work that only the sealed format knows */
export function refuseOlderFile(file: string): void {
  if (isOlderFile(file)) throw new OlderFormatError(file);
}
