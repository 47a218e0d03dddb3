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
 * A value of several lines also line by line. White space around the value and its lines does not count. Of base64, the
 * part that depends on the value alone.
 *
 * @returns none when the value is shorter than {@link minimumCharacters}
 */
export function formsOf(value: Uint8Array): readonly Uint8Array[] {
  const texts = new Set(partsOf(value).flatMap((part) => formsOfPart(part).map(({ text }) => text)));
  return [...texts].map((text) => Buffer.from(text, "latin1"));
}

/**
 * What of a value is looked for, as byte strings: the whole, and the lines when there are several; the whole then also
 * with the line ends of other systems and of terminals. None when the value is too short.
 */
export function partsOf(value: Uint8Array): readonly string[] {
  const text = trimmed(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1"));
  if (!isLongEnough(text)) return [];
  if (!text.includes("\n") && !text.includes("\r")) return [text];
  const lines = text.split(/\r\n|\r|\n/);
  // A line without its indent: else a closing brace in a secret would mask that of every text.
  const distinct = lines.map(trimmed).filter(isLongEnough);
  return [...new Set([text, lines.join("\n"), lines.join("\r\n"), ...distinct])];
}

/** The forms of one part; a few may be there twice. */
export function formsOfPart(text: string): readonly Form[] {
  const bytes = Buffer.from(text, "latin1");
  const hex = bytes.toString("hex");
  const percent = hex.replace(/../g, "%$&");
  const forms: Form[] = [{ text }, ...base64Forms(bytes), { text: hex }, { text: percent }];
  const upper = hex.toUpperCase();
  if (upper !== hex) forms.push({ text: upper }, { text: percent.toUpperCase() });
  for (const escaped of escapedForms(text)) forms.push({ text: escaped });
  return forms;
}

/** Of ASCII only: other white space is more than one byte. Not by an expression, which long runs inside make slow. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && whiteSpace.includes(text.charAt(start))) start++;
  while (start < end && whiteSpace.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const whiteSpace = "\t\n\r ";

/** Characters are Unicode's in a UTF-8 text, and bytes in anything else. */
function isLongEnough(text: string): boolean {
  if (text.length >= 4 * minimumCharacters) return true;
  if (text.length < minimumCharacters) return false;
  if (!isUtf8(Buffer.from(text, "latin1"))) return true;
  return text.replace(/[\x80-\xbf]/g, "").length >= minimumCharacters;
}
