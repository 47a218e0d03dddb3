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

/** The value for `set`: from --stdin or --file byte for byte, else from a hidden prompt. */
export async function readValue(args: Arguments, name: string): Promise<Uint8Array> {
  const file = args.option("file");
  if (file !== undefined && args.flag("stdin")) throw misuse(args.command, "--stdin and --file exclude each other");
  if (file === undefined && !args.flag("stdin")) return askHidden(`value of ${name}`);
  const bytes = file === undefined ? await readStandardInput() : readWhole(file);
  if (bytes.at(-1) !== newline) return bytes;
  if (args.flag("trim")) return bytes.subarray(0, -1);
  say("mxm-secrets: the value ends with a newline, which is kept; --trim leaves it out");
  return bytes;
}

/** Standard input to its end. @throws InvalidInputError when it is longer than any store could hold */
export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of process.stdin) {
      const bytes = Buffer.from(chunk);
      length += bytes.byteLength;
      if (length > maximumBytes) throw tooLong("standard input");
      chunks.push(bytes);
    }
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    throw new InvalidInputError(`standard input cannot be read: ${errnoInWords(thrown)}`);
  }
  return Buffer.concat(chunks);
}

/** A file to its end, bounded: it may be a pipe or a device that has none. */
function readWhole(file: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const chunks: Uint8Array[] = [];
    for (let length = 0; ;) {
      const chunk = Buffer.alloc(chunkBytes);
      const count = readSync(descriptor, chunk);
      if (count === 0) return Buffer.concat(chunks);
      length += count;
      if (length > maximumBytes) throw tooLong(quote(file));
      chunks.push(chunk.subarray(0, count));
    }
  } catch (thrown) {
    if (errnoOf(thrown) === undefined) throw thrown;
    throw new InvalidInputError(`${quote(file)} cannot be read: ${errnoInWords(thrown)}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function tooLong(what: string): InvalidInputError {
  return new InvalidInputError(`${what} is longer than 64 MiB`);
}
