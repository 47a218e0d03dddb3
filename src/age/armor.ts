import { AgeFormatError } from "./format-error.js";

const begin = "-----BEGIN AGE ENCRYPTED FILE-----";
const end = "-----END AGE ENCRYPTED FILE-----";
const lineLength = 64;
/** How much white space may stand before an armored file, as in the age program. */
const maximumLeadingSpace = 1024;

/** Whether a file begins as an armored age file does, white space before it left out. */
export function startsAsArmor(file: Buffer): boolean {
  const start = file.toString("latin1", 0, maximumLeadingSpace + begin.length);
  return start.trimStart().startsWith("-----BEGIN AGE");
}

/** An age file as text: strict PEM (RFC 7468) with lines of 64 characters and a final newline. */
export function encodeArmor(file: Uint8Array): string {
  const text = Buffer.from(file).toString("base64");
  return `${[begin, ...(text.match(/.{1,64}/g) ?? []), end].join("\n")}\n`;
}

/**
 * The binary file of an armored one. White space around it and CRLF are accepted, nothing else that differs.
 *
 * @throws AgeFormatError
 */
export function decodeArmor(file: Buffer): Buffer {
  const text = file.toString("latin1").trim();
  const lines = text.split(/\r?\n/);
  if (lines.shift() !== begin) throw new AgeFormatError("the first line of its armor is malformed");
  if (lines.pop() !== end) throw new AgeFormatError("the last line of its armor is missing or malformed");
  const last = lines.pop() ?? "";
  const isFull = lines.every((line) => line.length === lineLength);
  if (!isFull || last.length === 0 || last.length > lineLength) {
    throw new AgeFormatError("its armor has a line that is too long or too short");
  }
  const encoded = lines.join("") + last;
  const bytes = Buffer.from(encoded, "base64");
  // Padding, unused bits and characters that Base64 has not: all come out other than they went in.
  if (bytes.toString("base64") !== encoded) throw new AgeFormatError("its armor is not Base64");
  return bytes;
}
