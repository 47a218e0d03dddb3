import fc from "fast-check";
import type { ExportEntry } from "../../../src/delivery/export/format.js";

/** Values that formats differ on. */
const awkward = [
  "",
  " ",
  " leading and trailing ",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "one\ntwo\n",
  "one\r\ntwo",
  "ends in a backslash\\",
  "\\",
  "\\n",
  "it's",
  'say "it"',
  "`id`",
  "$(id)",
  "$HOME ${HOME} $$",
  "a # comment",
  "#",
  "'",
  '"',
  "`",
  "'\"`",
  "'\"`\\$\r\n#",
  '{"your": "json # 1"}',
  "yes",
  "0123",
  "1e3",
  "~",
  "*a",
  "null",
  "%",
  "=",
  "\uFEFFmark",
  "\u0085\u2028\u2029",
  "\u007F\u0080",
  "\uFFFE\uFFFF\u{1FFFE}",
  "ü€😀",
  "!history",
];

/** Texts of every kind, most of them of the characters that formats give a meaning. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...awkward),
  fc.string({ unit: fc.constantFrom(...Array.from("'\"`\\$#=\n\r \tax{}!%~*&:,-0")), maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

/** Values of any bytes. */
export const values: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: texts.map((text) => new TextEncoder().encode(text)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
);

/** Entries with names of their own, as an export makes them. */
export function entriesOf(found: readonly Uint8Array[]): readonly ExportEntry[] {
  return found.map((value, index) => ({ name: `key_${index}`, variable: `KEY_${index}`, value }));
}

/** Every byte but NUL, in order and then each by itself. */
export const everyByte: readonly Uint8Array[] = [
  Uint8Array.from({ length: 255 }, (_, index) => index + 1),
  ...Array.from({ length: 255 }, (_, index) => Uint8Array.of(index + 1)),
];

/** Entries as name and text, as readers give them back. */
export function asRecord(entries: readonly ExportEntry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ variable, value }) => [variable, Buffer.from(value).toString()]));
}
