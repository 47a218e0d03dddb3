/*
 * How programs write a value into text of some format. Everything here works on byte strings: one character per byte
 * (`latin1`), so that a value which is no UTF-8 text is escaped byte by byte like any other.
 */

/** One way to write a value. @returns the value itself where the format needs no escape */
export type Escape = (text: string) => string;

const hexByte = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
const upperHexByte = (character: string): string => hexByte(character).toUpperCase();

/** Percent-encoding (RFC 3986, section 2.1) of everything but the bytes a format keeps. */
const percentEscapes: readonly Escape[] = [
  /[^\w.!~*'()-]/g, // encodeURIComponent
  /[^\w.~-]/g, // RFC 3986, "unreserved"
  /[^\w.~/-]/g, // the same in a path
  /[^\w.~$&+=:@-]/g, // a path segment as Go writes it
  /[^\w.!~*'();/?:@&=+$,#-]/g, // encodeURI
].flatMap((others) => [
  (text: string) => text.replace(others, (character) => `%${upperHexByte(character)}`),
  (text: string) => text.replace(others, (character) => `%${hexByte(character)}`),
]);

/** `application/x-www-form-urlencoded`: a space is `+`. */
const formEscapes: readonly Escape[] = [/[^\w.* -]/g, /[^\w.~ -]/g].flatMap((others) =>
  [upperHexByte, hexByte].map(
    (hex) => (text: string) => text.replace(others, (character) => `%${hex(character)}`).replaceAll(" ", "+"),
  ),
);

const shortJson: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function json(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/["\\\x00-\x1f]/g, (character) => shortJson[character] ?? `\\u00${hexByte(character)}`);
}

/** UTF-16 code units as `\uXXXX`; bytes that are no UTF-8 text stay as they are. */
function unicodeEscaped(text: string, hex: (unit: string) => string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  if (decoded.includes("\ufffd")) return text;
  // oxlint-disable-next-line no-control-regex
  return decoded.replace(/[^\x00-\x7f]/g, (unit) => `\\u${hex(unit)}`);
}

const unitHex = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, "0");
const upperUnitHex = (unit: string): string => unitHex(unit).toUpperCase();
const withSlash = (text: string): string => text.replaceAll("/", "\\/");

/** JSON strings (RFC 8259, section 7) as the libraries of several languages write them. */
const jsonEscapes: readonly Escape[] = [
  json,
  (text) => withSlash(json(text)),
  (text) => unicodeEscaped(json(text), unitHex),
  (text) => unicodeEscaped(json(text), upperUnitHex),
  (text) => withSlash(unicodeEscaped(json(text), unitHex)),
  (text) => withSlash(unicodeEscaped(json(text), upperUnitHex)),
  // Go keeps a JSON text harmless inside HTML.
  (text) => json(text).replace(/[<>&]/g, (character) => `\\u${unitHex(character)}`),
  // .NET does too, and goes further.
  (text) =>
    unicodeEscaped(json(text).replaceAll('\\"', "\\u0022"), upperUnitHex).replace(
      /[<>&'+`]/g,
      (character) => `\\u${upperUnitHex(character)}`,
    ),
  // A JSON text as a string of another one, as logs have it.
  (text) => json(json(text)),
];

const shortAnsi: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\E",
};

const ansiEscape = (character: string): string =>
  shortAnsi[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;

/** The quoting of POSIX shells, and of bash's `printf %q`. */
const shellEscapes: readonly Escape[] = [
  (text) => text.replaceAll("'", "'\\''"),
  (text) => text.replaceAll("'", `'"'"'`),
  (text) => text.replace(/["\\$`]/g, "\\$&"),
  (text) => text.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]|^[#~]|(?<=[:=])~/g, "\\$&"),
  // oxlint-disable-next-line no-control-regex
  (text) => text.replace(/[\\'\x00-\x1f\x7f]/g, ansiEscape),
  // oxlint-disable-next-line no-control-regex
  (text) => text.replace(/[\\'\x00-\x1f\x7f-\xff]/g, ansiEscape),
];

/** Character references of XML and HTML, as several libraries choose them. */
const markupEscapes: readonly Escape[] = [
  { '"': '"', "'": "'" },
  { '"': "&quot;", "'": "'" },
  { '"': "&quot;", "'": "&#39;" },
  { '"': "&quot;", "'": "&#039;" },
  { '"': "&quot;", "'": "&#x27;" },
  { '"': "&quot;", "'": "&apos;" },
  { '"': "&#34;", "'": "&#39;" },
].map(
  (quotes: Readonly<Record<string, string>>) => (text: string) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replace(/["']/g, (character) => quotes[character] ?? character),
);

/** What a value ends its lines with, as it passes through a terminal or a program of another system. */
const lineEndEscapes: readonly Escape[] = [
  (text) => text.replace(/\r\n|\r|\n/g, "\r\n"),
  (text) => text.replace(/\r\n|\r|\n/g, "\n"),
];

const escapes: readonly Escape[] = [
  ...percentEscapes,
  ...formEscapes,
  ...jsonEscapes,
  ...shellEscapes,
  ...markupEscapes,
  ...lineEndEscapes,
];

/** A byte string as every format writes it that does not write it as it is. Several formats may agree. */
export function escapedForms(text: string): readonly string[] {
  // Almost every token: no format escapes any of these.
  if (/^[\w.-]*$/.test(text)) return [];
  return escapes.map((escape) => escape(text));
}
