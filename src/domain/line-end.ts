import { isUtf8 } from "node:buffer";

/**
 * What becomes of a line end at the end of a value that a file or a program gives.
 *
 * - `auto`: dropped after a single line of text, as editors, `echo` and programs put it there; everything else, a key of
 *   several lines or bytes that are no text, is kept to the byte.
 * - `strip_one`: one is dropped, whatever stands before it.
 * - `keep`: nothing is dropped.
 */
export type LineEndPolicy = "auto" | "strip_one" | "keep";

/** The words for {@link LineEndPolicy} in a configuration. */
export const lineEndPolicies: readonly LineEndPolicy[] = ["auto", "strip_one", "keep"];

/** What {@link lineEndPolicy} accepts, for messages. */
export const lineEndExpectation = "expected `auto`, `strip_one` or `keep`";

const newline = 0x0a;
const carriageReturn = 0x0d;

/** The policy an option names, or `undefined` for any other word. */
export function lineEndPolicy(word: unknown): LineEndPolicy | undefined {
  return lineEndPolicies.find((policy) => policy === word);
}

/** The value in what a file or a program gave; a line end is LF or CRLF. */
export function withoutLineEnd(bytes: Uint8Array, policy: LineEndPolicy): Uint8Array {
  if (policy === "keep" || bytes.at(-1) !== newline) return bytes;
  const body = bytes.subarray(0, bytes.at(-2) === carriageReturn ? -2 : -1);
  return policy === "strip_one" || isOneLine(body) ? body : bytes;
}

/** Valid UTF-8 without control characters but tabs: by chance, bytes of a binary key are practically never that. */
function isOneLine(bytes: Uint8Array): boolean {
  return !bytes.some((byte) => (byte < 0x20 && byte !== 0x09) || byte === 0x7f) && isUtf8(bytes);
}
