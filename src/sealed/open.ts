import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { IntegrityError, quote, UnavailableError } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { errnoOf, fileError } from "../files/errno.js";
import { maximumStoreBytes } from "./format.js";
import { openSigned } from "./manifest.js";
import type { SignedLayout } from "./manifest.js";
import { isOlderFormat, OlderFormatError } from "./older-format.js";
import { admit } from "./pins.js";
import type { AdmittedStore } from "./pins.js";
import { readPlacePins, wasSeen } from "./place.js";
import type { StorePlace } from "./place.js";

/**
 * Reads a store file, checks its signature, and compares it with what was seen before. Nothing is decrypted.
 *
 * @throws UnavailableError with reason `not_initialised` when there is no store, never was, and none is expected
 * @throws OlderFormatError when the file is one Fernet token
 * @throws IntegrityError when the file was altered or rolled back
 */
export async function openStore(place: StorePlace): Promise<AdmittedStore> {
  for (;;) {
    const bytes = readStoreFile(place);
    try {
      return await inFile(place.file, async () => await admit(openSigned(bytes), place));
    } catch (error) {
      // A writer may have replaced the file and recorded that after we read the one and before we read the other.
      if (!(error instanceof IntegrityError) || readStoreFile(place).equals(bytes)) throw error;
    }
  }
}

/** The same without comparing: what the file says of itself, its signature checked. */
export async function openUnpinned(place: StorePlace): Promise<SignedLayout> {
  const bytes = readStoreFile(place);
  return inFile(place.file, () => openSigned(bytes));
}

/** Names the file in front of an integrity error from the format, which knows no files. */
export async function inFile<T>(file: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const hint = error.hint ?? "restore the file from version control";
    throw new IntegrityError(`sealed store ${quote(file)}: ${error.message}`, { cause: error, hint });
  }
}

function readStoreFile(place: StorePlace): Buffer {
  const { file } = place;
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer before it can be refused.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw fileError("read", file, error);
    throw missing(place);
  }
  let bytes: Buffer | undefined;
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) {
      throw new UnavailableError(`cannot read ${quote(file)}: it is not a regular file`, {
        hint: "restore the sealed store from version control",
      });
    }
    bytes = readBounded(descriptor, maximumStoreBytes, status.size);
  } catch (error) {
    throw error instanceof UnavailableError ? error : fileError("read", file, error);
  } finally {
    closeSync(descriptor);
  }
  if (bytes !== undefined && isOlderFormat(bytes)) throw new OlderFormatError(file);
  if (bytes !== undefined) return bytes;
  throw new IntegrityError(`sealed store ${quote(file)}: it has more than ${maximumStoreBytes} bytes`, {
    hint: "no sealed store is that long: restore the file from version control",
  });
}

function missing(place: StorePlace): UnavailableError {
  if (place.fingerprint !== undefined) {
    return new UnavailableError(`the sealed store ${quote(place.file)} is not there, and its writers are known`, {
      hint: "restore it from version control or a backup, or correct the path in the configuration",
    });
  }
  if (!wasSeen(readPlacePins(place))) {
    return new UnavailableError(`there is no sealed store at ${quote(place.file)}`, {
      reason: "not_initialised",
      hint: "make one with `mxm-secrets init`",
    });
  }
  return new UnavailableError(`the sealed store ${quote(place.file)} is gone: it was here before`, {
    hint: "restore it from version control or a backup; to begin a new one on purpose, run `mxm-secrets init --force`",
  });
}
