import { readSync } from "node:fs";
import { InvalidInputError } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";

const chunkBytes = 64 * 1024;
const descriptor = 0;

/**
 * Standard input as it arrives, in chunks of any size: what is there is given at once. A chunk's memory is used again for
 * the next one.
 *
 * @throws InvalidInputError when it cannot be read, as a directory
 */
export async function* readStandardInput(): AsyncGenerator<Uint8Array, void> {
  const memory = Buffer.allocUnsafeSlow(chunkBytes);
  try {
    for (;;) {
      const count = readSome(memory);
      if (count === 0) return;
      if (count === undefined) break;
      yield memory.subarray(0, count);
    }
    // Somebody made the pipe non-blocking: only now the streams of Node, which wait for it, are worth their loading.
    for await (const chunk of process.stdin) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    throw new InvalidInputError(`standard input cannot be read: ${errnoInWords(thrown)}`, { cause: thrown });
  }
}

/** @returns 0 at the end, `undefined` when there is nothing yet and the pipe does not wait */
function readSome(memory: Uint8Array): number | undefined {
  try {
    return readSync(descriptor, memory);
  } catch (thrown) {
    // Windows says so at the end of a pipe.
    if (errnoOf(thrown) === "EOF") return 0;
    if (errnoOf(thrown) !== "EAGAIN") throw thrown;
    return undefined;
  }
}
