import { readSync } from "node:fs";
import { InvalidInputError } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";

const maximumBytes = 64 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** Standard input to its end, as {@link readDescriptor}. */
export function readWholeInput(): Uint8Array {
  return readDescriptor(0, "standard input");
}

/**
 * Everything up to the end. Not through `process.stdin`, which is empty without an error when it is a directory.
 *
 * @throws InvalidInputError when it cannot be read, or is longer than any store could hold: it may be a device that has
 *   no end
 */
export function readDescriptor(descriptor: number, what: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length <= maximumBytes;) {
    const chunk = Buffer.alloc(chunkBytes);
    const count = readSome(descriptor, chunk, what);
    if (count === 0) return Buffer.concat(chunks);
    length += count;
    chunks.push(chunk.subarray(0, count));
  }
  throw new InvalidInputError(`${what} is longer than 64 MiB`);
}

function readSome(descriptor: number, chunk: Uint8Array, what: string): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (thrown) {
      if (errnoOf(thrown) !== "EAGAIN") throw unreadable(what, thrown);
      // Somebody made the pipe non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The error for an input that cannot be read. */
export function unreadable(what: string, thrown: unknown): InvalidInputError {
  return new InvalidInputError(`${what} cannot be read: ${errnoInWords(thrown)}`);
}
