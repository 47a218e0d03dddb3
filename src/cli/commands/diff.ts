import { readFileSync } from "node:fs";
import { InvalidInputError, quote } from "../../errors.js";
import { errnoInWords } from "../../files/errno.js";
import { olderTextconv } from "../../fernet/textconv.js";
import { isOlderFormat } from "../../sealed/older-format.js";
import { textconv } from "../../sealed/textconv.js";
import type { Arguments } from "../arguments.js";
import { writeOutput } from "../terminal.js";

/** `diff FILE`: a sealed store as text, for git's textconv. */
export async function run(args: Arguments): Promise<number> {
  const bytes = readInput(args.positionals[0] ?? "");
  writeOutput(isOlderFormat(bytes) ? olderTextconv(bytes.toString("latin1")) : textconv(bytes));
  return 0;
}

/** A file named on the command line. @throws InvalidInputError when it cannot be read */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new InvalidInputError(`${quote(file)} cannot be read: ${errnoInWords(thrown)}`);
  }
}
