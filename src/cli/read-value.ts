import { closeSync, openSync, readSync } from "node:fs";
import { InvalidInputError, quote } from "../errors.js";
import { errnoInWords, errnoOf } from "../files/errno.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { askHidden } from "./prompt.js";
import { say } from "./terminal.js";

const newline = 0x0a;
const maximumBytes = 64 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const standardInput = 0;

/** The value for `set`: from --stdin or --file byte for byte, else from a hidden prompt. */
export async function readValue(args: Arguments, name: string): Promise<Uint8Array> {
  const file = args.option("file");
  if (file !== undefined && args.flag("stdin")) throw misuse(args.command, "--stdin and --file exclude each other");
  if (file === undefined && !args.flag("stdin")) return askValue(name);
  const bytes = file === undefined ? readDescriptor(standardInput, "standard input") : readWhole(file);
  if (bytes.byteLength === 0) say("mxm-secrets: the value is empty");
  if (bytes.at(-1) !== newline) return bytes;
  if (args.flag("trim")) return bytes.subarray(0, -1);
  say("mxm-secrets: the value ends with a newline, which is kept; --trim leaves it out");
  return bytes;
}

/** Enter alone is more often a slip than an empty secret. */
async function askValue(name: string): Promise<Uint8Array> {
  const value = await askHidden(`value of ${name}`);
  if (value.byteLength > 0) return value;
  throw new InvalidInputError("nothing was typed; nothing was changed", {
    hint: "an empty value is stored by `--stdin </dev/null`",
  });
}

function readWhole(file: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (thrown) {
    throw unreadable(quote(file), thrown);
  }
  try {
    return readDescriptor(descriptor, quote(file));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Everything up to the end. Not through `process.stdin`, which is empty without an error when it is a directory.
 *
 * @throws InvalidInputError when it cannot be read, or is longer than any store could hold: it may be a device that has
 *   no end
 */
function readDescriptor(descriptor: number, what: string): Uint8Array {
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

function unreadable(what: string, thrown: unknown): InvalidInputError {
  return new InvalidInputError(`${what} cannot be read: ${errnoInWords(thrown)}`);
}
