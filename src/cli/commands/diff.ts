import { readFileSync } from "node:fs";
import { InvalidInputError, quote } from "../../errors.js";
import { errnoInWords } from "../../files/errno.js";
import { textconv } from "../../sealed/textconv.js";
import type { Arguments } from "../arguments.js";
import { writeOutput } from "../terminal.js";

/** `diff FILE`: a sealed store as text, for git's textconv. */
export async function run(args: Arguments): Promise<number> {
  writeOutput(textconv(readInput(args.positionals[0] ?? "")));
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
