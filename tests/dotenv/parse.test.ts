import { parseEnv } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../src/dotenv/parse.js";
import { InvalidInputError } from "../../src/errors.js";

const parse = (text: string | Uint8Array) =>
  parseDotenv(typeof text === "string" ? new TextEncoder().encode(text) : text, ".env");
const values = (text: string) => Object.fromEntries(parse(text).map(({ key, value }) => [key, value]));

/** What both `node:util` and we read, and read alike. */
const common: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["A=b", { A: "b" }],
  ["A=b # comment", { A: "b" }],
  ["A = two words  ", { A: "two words" }],
  ["A=", { A: "" }],
  ["A= # comment", { A: "" }],
  ["# comment\n\n# more\n A=1\n", { A: "1" }],
  ["export A=1", { A: "1" }],
  ["exportA=3", { exportA: "3" }],
  [`A='it is \\n # "literal"'`, { A: `it is \\n # "literal"` }],
  ['A="one\\ntwo"', { A: "one\ntwo" }],
  ["A=`both ' and \"`", { A: `both ' and "` }],
  ['A="x" # comment', { A: "x" }],
  ['A="x"#comment', { A: "x" }],
  [`A="several\nlines"\nB='more\nlines'\nC=1`, { A: "several\nlines", B: "more\nlines", C: "1" }],
  ['A="a\r\nb"\r\nB=c\r\n', { A: "a\nb", B: "c" }],
  ['A={"your-key": "your id", "n": [1, 2]}', { A: '{"your-key": "your id", "n": [1, 2]}' }],
  ["A=${B}", { A: "${B}" }],
  ["A=x=y==", { A: "x=y==" }],
  ["A=\\n", { A: "\\n" }],
  ['A=a"b"c', { A: 'a"b"c' }],
  ["A.b-c=1\n1A=2", { "A.b-c": "1", "1A": "2" }],
];

/** A value in double quotes, as a person would write it. */
function quoteDouble(value: string): string {
  return `"${value.replace(/[\\"$\n\t]/g, (character) => ({ "\n": "\\n", "\t": "\\t" })[character] ?? `\\${character}`)}"`;
}

/** What an unlocated failure to read would be; `undefined` for a success or an error with file and line. */
function unlocated(bytes: Uint8Array): unknown {
  try {
    parse(bytes);
    return undefined;
  } catch (error) {
    return error instanceof InvalidInputError && /^`\.env` line [1-9]\d*: /.test(error.message) ? undefined : error;
  }
}

describe("parseDotenv", () => {
  it.each(common)("reads %j as node:util does", (text, expected) => {
    expect(values(text)).toEqual(expected);
    expect({ ...parseEnv(text) }).toEqual(expected);
  });

  it.each([
    ["a byte order mark", "\uFEFFA=1", { A: "1" }],
    ["every escape in double quotes", String.raw`A="\n\r\t\\\"\$\x"`, { A: '\n\r\t\\"$\\x' }],
    ["a quote after a backslash in single quotes as the end", String.raw`A='C:\'`, { A: "C:\\" }],
    ["a `#` inside a word as part of it", "A=p4ss#word # comment", { A: "p4ss#word" }],
    ["JSON with a `#` whole", 'A={"colour": "red #1"}', { A: '{"colour": "red #1"}' }],
    ["brackets that are no JSON as text", "A=[x #1", { A: "[x" }],
    ["old Mac line ends", "A=1\rB=2", { A: "1", B: "2" }],
    ["several blanks after export", "export \t A=1", { A: "1" }],
    ["the name `export`", "export=1", { export: "1" }],
    ["the name of a property of every object", "__proto__=1\nconstructor=2", { ["__proto__"]: "1", constructor: "2" }],
    ["comments and names that are indented", "  # A=0\n\tA=1", { A: "1" }],
    ["an empty file", "", {}],
  ])("reads %s", (_case, text, expected) => {
    expect(Object.entries(values(text))).toEqual(Object.entries(expected));
  });

  it("says on which line each value begins", () => {
    const text = `# one\nA="two\nthree"\n\nB=five # five\nC='\n\n'\nD=9`;
    expect(parse(text).map(({ key, line }) => `${key}${line}`)).toEqual(["A2", "B5", "C6", "D9"]);
  });

  it("marks values whose `#` other readers take for a comment", () => {
    expect(parse(`A=a#b\nB=#c\nC='a#b'\nD=a # b`).map(({ hashInside }) => hashInside)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    ["an unterminated double quote", `A=1\nB="canary\nC=2`, "line 2: the double quote that opens here is never closed"],
    ["an unterminated single quote", `B='canary`, "line 1: the single quote that opens here is never closed"],
    ["an unterminated backtick", "\n\nB=`canary", "line 3: the backtick that opens here is never closed"],
    ["a closing quote that is escaped", String.raw`B="canary\"`, "line 1: the double quote"],
    [
      "text after the quotes",
      `A="a\nb" canary`,
      "line 2: expected nothing but a comment after the closing double quote",
    ],
    ["quotes inside quotes", `A="ca"nary"`, "line 1: expected nothing but a comment"],
    ["a line without `=`", "A=1\ncanary", "line 2: expected `NAME=value`, found no `=`"],
    ["export without a value", "export canary", "line 1: expected `NAME=value`"],
    ["a name with a blank", "can ary=1", "line 1: expected a name of letters"],
    ["no name", "=canary", "line 1: expected a name of letters"],
    ["a name twice", "A=1\nB=2\nA=canary", "line 3: `A` is there already, on line 1"],
  ])("refuses %s, naming file and line and never the value", (_case, text, message) => {
    expect(() => parse(text)).toThrow(InvalidInputError);
    expect(() => parse(text)).toThrow(`\`.env\` ${message}`);
    expect(() => parse(text)).not.toThrow(/canary/);
  });

  it("refuses bytes that are not UTF-8, naming the line", () => {
    expect(() => parse(Uint8Array.of(0x41, 0x3d, 0x31, 10, 0x42, 0x3d, 0xff))).toThrow(
      "`.env` line 2: expected UTF-8 text",
    );
  });

  it("reads back whatever was written in quotes", () => {
    const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\r", ""));
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        const single = b.replaceAll("'", "");
        const back = c.replaceAll("`", "");
        const file = `A=${quoteDouble(a)}\nexport B='${single}' # c\nC=\`${back}\`\nD=end`;
        expect(values(file)).toEqual({
          A: a.toWellFormed(),
          B: single.toWellFormed(),
          C: back.toWellFormed(),
          D: "end",
        });
      }),
    );
  });

  it("either reads any bytes or names the line", () => {
    const alphabet = fc.constantFrom(
      "A",
      "b",
      "=",
      "'",
      '"',
      "`",
      "#",
      " ",
      "\n",
      "\r",
      "\\",
      "{",
      "}",
      "$",
      "export ",
    );
    const files = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(alphabet, { maxLength: 60 }).map((parts) => new TextEncoder().encode(parts.join(""))),
    );
    fc.assert(
      fc.property(files, (bytes) => {
        expect(unlocated(bytes)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it("reads values of several megabytes, and gives up on an open quote as fast", () => {
    const long = `${"x".repeat(2_000_000)}\\n${"y ".repeat(1_000_000)}`;
    expect(values(`A="${long}"`).A).toHaveLength(4_000_001);
    expect(() => parse(`A="${long}`)).toThrow(/never closed/);
    expect(() => parse(`A="${String.raw`\"`.repeat(1_000_000)}`)).toThrow(/never closed/);
  });
});
