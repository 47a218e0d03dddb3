import { closeSync, fstatSync } from "node:fs";
import { InvalidInputError, isSecretsError, quote, UnavailableError } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { openRegular } from "../files/open-regular.js";
import { unreadable } from "./read-descriptor.js";

/** More than any template, and any file of names and values, that people or programs write. */
const maximumBytes = 16 * 1024 * 1024;

/**
 * All of a regular file that somebody named.
 *
 * @param examine - is given the open file before it is read
 * @throws InvalidInputError when it is not there, is no regular file, cannot be read, or is longer than 16 MiB
 */
export function readInputFile(file: string, examine?: (descriptor: number) => void): Uint8Array {
  const descriptor = openInput(file);
  try {
    examine?.(descriptor);
    return requireBounded(readBounded(descriptor, maximumBytes, fstatSync(descriptor).size), quote(file));
  } catch (thrown) {
    throw isSecretsError(thrown) ? thrown : unreadable(quote(file), thrown);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws InvalidInputError when there was more than 16 MiB */
export function requireBounded(bytes: Uint8Array | undefined, name: string): Uint8Array {
  if (bytes !== undefined && bytes.length <= maximumBytes) return bytes;
  throw new InvalidInputError(`${name} is longer than 16 MiB`);
}

/** What was named wrongly is a fault of the call; a store that cannot be reached is another thing. */
function openInput(file: string): number {
  let descriptor: number | undefined;
  try {
    descriptor = openRegular(file);
  } catch (thrown) {
    if (!(thrown instanceof UnavailableError)) throw thrown;
    throw new InvalidInputError(thrown.message, {
      cause: thrown,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    });
  }
  if (descriptor === undefined) throw new InvalidInputError(`there is no file ${quote(file)}`);
  return descriptor;
}
