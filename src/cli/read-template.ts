import { isUtf8 } from "node:buffer";
import { closeSync } from "node:fs";
import { InvalidInputError, quote } from "../errors.js";
import { readBounded } from "../files/bounded.js";
import { fileError } from "../files/errno.js";
import { openRegular } from "../files/open-regular.js";
import { readWholeInput } from "./read-descriptor.js";

/** What an editor still opens; a template is written by people. */
const maximumBytes = 16 * 1024 * 1024;

/**
 * The text of a template. Line breaks and a byte order mark are kept.
 *
 * @param file - `-` for standard input
 * @throws UnavailableError when it cannot be read; InvalidInputError when there is no such file, or it is too long or no
 *   UTF-8 text: bytes that are no text could be a UTF-16 file, in which no reference would be found
 */
export function readTemplateFile(file: string): string {
  const name = file === "-" ? "standard input" : quote(file);
  const bytes = file === "-" ? readWholeInput() : readFile(file);
  if (bytes === undefined || bytes.length > maximumBytes) throw new InvalidInputError(`${name} is longer than 16 MiB`);
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new InvalidInputError(`${name} is not UTF-8 text`, {
      hint: "a template is text; convert it with `iconv -t UTF-8`",
    });
  }
  return Buffer.from(bytes).toString("utf8");
}

function readFile(file: string): Uint8Array | undefined {
  const descriptor = openRegular(file);
  if (descriptor === undefined) throw new InvalidInputError(`there is no file ${quote(file)}`);
  try {
    return readBounded(descriptor, maximumBytes);
  } catch (thrown) {
    throw fileError("read", file, thrown);
  } finally {
    closeSync(descriptor);
  }
}
