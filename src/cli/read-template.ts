import { isUtf8 } from "node:buffer";
import { InvalidInputError, quote } from "../errors.js";
import { readWholeInput } from "./read-descriptor.js";
import { readInputFile, requireBounded } from "./read-input-file.js";

/**
 * The text of a template. Line breaks and a byte order mark are kept.
 *
 * @param file - `-` for standard input
 * @throws InvalidInputError when it cannot be read, is longer than 16 MiB, or is no UTF-8 text: bytes that are no text
 *   could be a UTF-16 file, in which no reference would be found
 */
export function readTemplateFile(file: string): string {
  const name = file === "-" ? "standard input" : quote(file);
  const bytes = file === "-" ? requireBounded(readWholeInput(), name) : readInputFile(file);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new InvalidInputError(`${name} is not UTF-8 text`, {
      hint: "a template is text; convert it with `iconv -t UTF-8`",
    });
  }
  return Buffer.from(bytes).toString("utf8");
}
