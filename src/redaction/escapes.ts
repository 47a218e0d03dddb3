/*
 * How programs write a value into text of some format. Everything here works on byte strings: one character per byte
 * (`latin1`), so that a value which is no UTF-8 text is escaped byte by byte like any other. No format escapes letters,
 * digits, `_`, `.` and `-`, of which most tokens consist alone: what this costs, a command pays at its start.
 */

/** What a format writes for one byte that is not plain. */
type Escape = (character: string) => string;

/** A byte string taken apart: plain stretches, and the bytes between them that some format escapes. */
interface Pieces {
  readonly plain: readonly string[];
  readonly special: readonly string[];
}

/** A byte string in every format that does not write it as it is, once each. */
export function escapedForms(text: string): readonly string[] {
  if (!/[^\w.-]/.test(text)) return [];
  const pieces = takeApart(text);
  const characters = [...new Set(pieces.special)];
  const rows = characters.map(rowOf);
  // Most formats agree on most values, so that what they write is compared before any text is put together.
  const seen = new Set([characters.join("\n")]);
  const forms = new Set<string>();
  for (let format = 0; format < escapes.length; format++) {
    const written = rows.map((row) => row[format] ?? "");
    const key = written.join("\n");
    if (seen.has(key)) continue;
    seen.add(key);
    forms.add(putTogether(pieces, (character) => written[characters.indexOf(character)] ?? character));
  }
  if (characters.some(isUnusual)) for (const form of unicodeForms(pieces)) forms.add(form);
  if (characters.some((character) => character === '"' || character === "\\" || isUnusual(character))) {
    for (const form of jsonInJson(pieces)) forms.add(form);
  }
  if (characters.includes("#") || characters.includes("~")) forms.add(quotedByBash(text));
  forms.delete(text);
  return [...forms];
}

const rowsByCharacter = new Map<string, readonly string[]>();

/** What each format writes for a byte. */
function rowOf(character: string): readonly string[] {
  const known = rowsByCharacter.get(character);
  if (known !== undefined) return known;
  const row = escapes.map((escape) => escape(character));
  rowsByCharacter.set(character, row);
  return row;
}

/** Neither printable ASCII nor a space. */
function isUnusual(character: string): boolean {
  return character < " " || character > "~";
}

function takeApart(text: string): Pieces {
  const pieces = text.split(/([^\w.-])/);
  return {
    plain: pieces.filter((_, index) => index % 2 === 0),
    special: pieces.filter((_, index) => index % 2 === 1),
  };
}

function putTogether({ plain, special }: Pieces, escape: Escape): string {
  let text = plain[0] ?? "";
  for (let index = 0; index < special.length; index++) {
    text += escape(special[index] ?? "") + (plain[index + 1] ?? "");
  }
  return text;
}

const hexByte = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");
const upperHexByte = (character: string): string => hexByte(character).toUpperCase();

/** Percent-encoding (RFC 3986, section 2.1) of everything but what a format keeps. */
const percentEscapes: readonly Escape[] = [
  "!~*'()", // encodeURIComponent
  "~", // RFC 3986, "unreserved"
  "~/", // the same in a path
  "~$&+=:@", // a path segment as Go writes it
  "!~*'();/?:@&=+$,#", // encodeURI
].flatMap((kept) =>
  [upperHexByte, hexByte].map(
    (hex): Escape =>
      (character) =>
        kept.includes(character) ? character : `%${hex(character)}`,
  ),
);

/** `application/x-www-form-urlencoded`, as browsers write it and as others do: a space is `+`. */
const formEscapes: readonly Escape[] = ["*", "~"].flatMap((kept) =>
  [upperHexByte, hexByte].map((hex): Escape => (character) => {
    if (character === " ") return "+";
    return kept === character ? character : `%${hex(character)}`;
  }),
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

const json: Escape = (character) =>
  shortJson[character] ?? (character < " " ? `\\u00${hexByte(character)}` : character);

const withSlash: Escape = (character) => (character === "/" ? "\\/" : json(character));

/** Go keeps a JSON text harmless inside HTML. */
const goJson: Escape = (character) => ("<>&".includes(character) ? `\\u00${hexByte(character)}` : json(character));

/** .NET does too, and goes further. */
const netJson: Escape = (character) =>
  "<>&'\"+`".includes(character) ? `\\u00${upperHexByte(character)}` : json(character);

/** A JSON text as a string of another one, as logs have it. */
function jsonInJson(pieces: Pieces): readonly string[] {
  return [putTogether(pieces, json), ...inAscii(pieces, json)].map((text) => putTogether(takeApart(text), json));
}

/** JSON that is ASCII only. */
function unicodeForms(pieces: Pieces): readonly string[] {
  return [json, withSlash, netJson].flatMap((escape) => inAscii(pieces, escape));
}

/** With either case of hexadecimal digits; nothing when the bytes are no UTF-8 text. */
function inAscii(pieces: Pieces, escape: Escape): readonly string[] {
  const decoded = Buffer.from(putTogether(pieces, escape), "latin1").toString("utf8");
  if (decoded.includes("\ufffd")) return [];
  const written = (hex: (unit: string) => string): string =>
    // oxlint-disable-next-line no-control-regex
    decoded.replace(/[^\x00-\x7f]/g, (unit) => `\\u${hex(unit)}`);
  return [written(unitHex), written((unit) => unitHex(unit).toUpperCase())];
}

const unitHex = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, "0");

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

/** `$'…'`, of which programs leave some bytes as they are. */
const ansiEscape =
  (last: string): Escape =>
  (character) =>
    shortAnsi[character] ??
    (character < " " || (character > "~" && character <= last)
      ? `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`
      : character);

/** What bash's `printf %q` quotes anywhere. */
const quotedAnywhere = " !\"$&'()*,;<>?[\\]^`{|}";

/** The quoting of POSIX shells, and of bash's `printf %q`. */
const shellEscapes: readonly Escape[] = [
  (character) => (character === "'" ? "'\\''" : character),
  (character) => (character === "'" ? `'"'"'` : character),
  (character) => ('"\\$`'.includes(character) ? `\\${character}` : character),
  (character) => (quotedAnywhere.includes(character) ? `\\${character}` : character),
  ansiEscape("\x7f"),
  ansiEscape("\xff"),
];

/** `printf %q` where it also quotes a comment's or a home directory's sign, at the places where they would be one. */
function quotedByBash(text: string): string {
  return text.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]|^[#~]|(?<=[:=])~/g, "\\$&");
}

/**
 * A string as Python's `repr` and Node's `inspect` show it, bytes that Python shows included. Both leave a quote as it
 * is where they can choose the other.
 */
const literalEscapes: readonly Escape[] = ["'", ""].flatMap((quote) =>
  [
    { short: "\\\t\n\r", hex: hexByte, last: "\x7f" },
    { short: "\\\t\n\r", hex: hexByte, last: "\xff" },
    { short: "\\\t\n\r\b\f", hex: upperHexByte, last: "\x7f" },
  ].map(({ short, hex, last }): Escape => (character) => {
    if (character === quote || short.includes(character)) return shortAnsi[character] ?? character;
    return character < " " || (character > "~" && character <= last) ? `\\x${hex(character)}` : character;
  }),
);

/** Character references of XML and HTML; libraries differ in what they do to quotes. */
const markupEscapes: readonly Escape[] = [
  { '"': '"', "'": "'" },
  { '"': "&quot;", "'": "'" },
  { '"': "&quot;", "'": "&#39;" },
  { '"': "&quot;", "'": "&#039;" },
  { '"': "&quot;", "'": "&#x27;" },
  { '"': "&quot;", "'": "&apos;" },
  { '"': "&#34;", "'": "&#39;" },
].map((quotes) => {
  const references: Readonly<Record<string, string>> = { ...quotes, "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return (character) => references[character] ?? character;
});

const escapes: readonly Escape[] = [
  ...percentEscapes,
  ...formEscapes,
  json,
  withSlash,
  goJson,
  netJson,
  ...shellEscapes,
  ...literalEscapes,
  ...markupEscapes,
];
