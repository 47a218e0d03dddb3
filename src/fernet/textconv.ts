import { IntegrityError } from "../errors.js";
import { parseToken } from "./token.js";

const lastSecond = 253_402_300_799n;

/**
 * A store in the older format as text for `git diff`. Its names are encrypted too: all that anybody may know is when it
 * was written.
 *
 * @throws IntegrityError when the text is not one Fernet token
 */
export function olderTextconv(text: string): string {
  const token = parseToken(text.replace(/\r?\n$/, ""));
  if (token === undefined) throw new IntegrityError("the file begins as a Fernet token and is not one");
  const { seconds } = token;
  const time =
    seconds > lastSecond ? `${seconds} s` : `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
  return `older format (one Fernet token), names and values encrypted\nwritten ${time}\n`;
}
