import { isUtf8 } from "node:buffer";
import { base64Forms } from "./base64.js";
import type { Base64Edge } from "./base64.js";
import { escapedForms } from "./escapes.js";

/** One form of a value, as a byte string: one character per byte. */
export interface Form {
  readonly text: string;
  readonly edge?: Base64Edge;
}

/** Fewer characters than this are not looked for: they are in too much that is no secret. */
export const minimumCharacters = 4;

/**
 * The distinct forms in which a value may be found in what programs print: as it is; base64 at three alignments, in the
 * standard and the URL alphabet; hexadecimal and percent-encoded, in both cases; escaped for URLs, JSON, shells and XML.
 * A value of several lines also line by line. Line ends at the end of the value do not count. Of base64, the part that
 * depends on the value alone.
 *
 * @returns none when the value is shorter than {@link minimumCharacters}
 */
export function formsOf(value: Uint8Array): readonly Uint8Array[] {
  const texts = new Set(encodedForms(value).map(({ text }) => text));
  return [...texts].map((text) => Buffer.from(text, "latin1"));
}

/** As {@link formsOf}, with what may follow a form. Some may be there twice. */
export function encodedForms(value: Uint8Array): readonly Form[] {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    .toString("latin1")
    .replace(/[\r\n]+$/, "");
  if (!isLongEnough(text)) return [];
  const lines = text.split(/[\r\n]+/);
  const parts = lines.length === 1 ? [text] : [text, ...lines.filter(isLongEnough)];
  return parts.flatMap(formsOfPart);
}

/** Characters are Unicode's in a UTF-8 text, and bytes in anything else. */
function isLongEnough(text: string): boolean {
  if (text.length >= 4 * minimumCharacters) return true;
  if (text.length < minimumCharacters) return false;
  if (!isUtf8(Buffer.from(text, "latin1"))) return true;
  return text.replace(/[\x80-\xbf]/g, "").length >= minimumCharacters;
}

function formsOfPart(text: string): readonly Form[] {
  const bytes = Buffer.from(text, "latin1");
  const hex = bytes.toString("hex");
  const percent = hex.replace(/../g, "%$&");
  return [
    { text },
    ...base64Forms(bytes),
    { text: hex },
    { text: hex.toUpperCase() },
    { text: percent },
    { text: percent.toUpperCase() },
    ...escapedForms(text).map((escaped) => ({ text: escaped })),
  ];
}
