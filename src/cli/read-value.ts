import { closeSync, openSync } from "node:fs";
import { InvalidInputError, quote } from "../errors.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { askHidden } from "./prompt.js";
import { readDescriptor, readWholeInput, unreadable } from "./read-descriptor.js";
import { say } from "./terminal.js";

const newline = 0x0a;

/** The value for `set`: from --stdin or --file byte for byte, else from a hidden prompt. */
export async function readValue(args: Arguments, name: string): Promise<Uint8Array> {
  const file = args.option("file");
  if (file !== undefined && args.flag("stdin")) throw misuse(args.command, "--stdin and --file exclude each other");
  if (file === undefined && !args.flag("stdin")) return askValue(name);
  const bytes = file === undefined ? readWholeInput() : readWhole(file);
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

/** All of a file, or of what a shell passes as one. @throws InvalidInputError when it cannot be read, or is longer than 64 MiB */
export function readWhole(file: string): Uint8Array {
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
