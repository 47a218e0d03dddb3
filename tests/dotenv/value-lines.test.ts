import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseValueLines } from "../../src/dotenv/value-lines.js";

const parse = (text: string) =>
  parseValueLines(Buffer.from(text)).map(({ key, value, line }) => ({
    key,
    line,
    text: Buffer.from(value).toString(),
  }));

describe("lines of NAME=value", () => {
  test("are taken literally, whatever the value looks like", () => {
    expect(parse(`A="x y" # no comment\n\n# comment\nB==a=b \nC=\nd_1=$X\\n'`)).toEqual([
      { key: "A", line: 1, text: '"x y" # no comment' },
      { key: "B", line: 4, text: "=a=b " },
      { key: "C", line: 5, text: "" },
      { key: "d_1", line: 6, text: "$X\\n'" },
    ]);
    expect(parse("")).toEqual([]);
  });

  test("give back every value that has no line break, byte for byte", () => {
    const values = fc.uint8Array({ maxLength: 40 }).filter((value) => !value.includes(10) && value.at(-1) !== 13);
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), fc.boolean(), (all, isEnded) => {
        const lines = all.map((value, index) => Buffer.concat([Buffer.from(`KEY_${index}=`), value]));
        const text = Buffer.concat(lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from("\n"), line])));
        const input = isEnded && all.length > 0 ? Buffer.concat([text, Buffer.from("\n")]) : text;
        expect(parseValueLines(input).map(({ value }) => Buffer.from(value))).toEqual(
          all.map((value) => Buffer.from(value)),
        );
      }),
    );
  });

  test.each([
    ["no `=`", "A=1\nsome-secret-text\n", 2],
    ["a name that is none", "some-secret-text=x\n", 1],
    ["`export`", "export some_secret_text=x\n", 1],
    ["a line of a key", "A=-----BEGIN\nsomesecrettext==\n-----END", 3],
    ["a carriage return", "A=some-secret-text\r\nB=2\r\n", 1],
    ["an indented name", "\n\n  A=some-secret-text", 3],
  ])("with %s are refused by number, and nothing of the line is said", (_, text, line) => {
    const refusal = (() => {
      try {
        parseValueLines(Buffer.from(text));
        return "accepted";
      } catch (thrown) {
        return thrown instanceof Error ? thrown.message : "";
      }
    })();
    expect(refusal).toContain(`standard input line ${line}: `);
    expect(refusal).not.toContain("secret");
  });
});
