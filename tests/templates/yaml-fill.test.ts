import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseDocument, stringify } from "yaml";
import { openYaml } from "../../src/templates/yaml-template.js";

/** The template with `secrets.A`, `secrets.B` … filled in from a table. */
async function rendered(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const { faults, render } = await openYaml(template);
  expect(faults).toEqual([]);
  return render(({ name }) => values[name] ?? "?");
}

const everyStyle = `# \${{ secrets.A }} in a comment
plain: \${{ secrets.A }} # behind it
mixed: Bearer \${{ secrets.A }}:\${{ secrets.B }}
many lines: one
  \${{ secrets.A }} two

  three
single: 'it''s \${{ secrets.A }}'
double: "\\u00e9 \${{ secrets.A }}\\tz"
folded in quotes: "one
  \${{ secrets.A }}
  two"
escaped: "\\x24{{ secrets.A }}"
literal: | # remark
  a=\${{ secrets.A }}

    b = \${{ secrets.B }}!
  \${{ secrets.A }}
literal kept: |+
  \${{ secrets.A }}

literal stripped: |-
  \${{ secrets.A }}
literal indented: |2
    \${{ secrets.A }}
folded: >-
  one \${{ secrets.A }}
  two
list:
  - \${{ secrets.A }}
  - - "\${{ secrets.B }}"
  - { a: "\${{ secrets.A }}", b: ['\${{ secrets.B }}', 1.10, yes] }
anchored: &anchor \${{ secrets.A }}
alias: *anchor
tagged: !!str \${{ secrets.A }}
long number: 12345678901234567890123
dollar: cost $\${{ secrets.A }} $1
last: \${{ secrets.B }}`;

const expectedData = (a: string, b: string) => ({
  plain: a,
  mixed: `Bearer ${a}:${b}`,
  "many lines": `one ${a} two\nthree`,
  single: `it's ${a}`,
  double: `é ${a}\tz`,
  "folded in quotes": `one ${a} two`,
  escaped: a,
  literal: `a=${a}\n\n  b = ${b}!\n${a}\n`,
  "literal kept": `${a}\n\n`,
  "literal stripped": a,
  "literal indented": `  ${a}\n`,
  folded: `one ${a} two`,
  list: [a, [b], { a, b: [b, 1.1, "yes"] }],
  anchored: a,
  alias: a,
  tagged: a,
  "long number": Number("12345678901234567890123"),
  dollar: "cost ${{ secrets.A }} $1",
  last: b,
});

const hostile = [
  "",
  " ",
  " leading",
  "trailing ",
  "a: b",
  "a #b",
  "# b",
  "*x",
  "&x",
  "!x",
  "- x",
  "? x",
  "| x",
  "> x",
  "%YAML",
  "@x",
  "`x",
  "yes",
  "no",
  "null",
  "~",
  "true",
  "0123",
  "1e3",
  "0x1f",
  "1:30",
  "2026-01-01",
  "12345678901234567890",
  ".inf",
  "=",
  "<<",
  "---",
  "...",
  "--- x\n...\n---\n",
  "'",
  '"',
  "''",
  '\\"',
  "\\",
  "\\n",
  "one\ntwo",
  "one\ntwo\n",
  "one\n\n\ntwo\n\n",
  "\n",
  "\n\none",
  "  one\n two",
  "\tone\n\ttwo",
  "one\r\ntwo",
  "one\rtwo",
  "\0",
  "\u0007\u001b[31m",
  "\u007f\u0085\u2028\u2029",
  "\ufeffx",
  "\ufffe\uffff",
  "é😀",
  "$1 $& \\1 $$",
  "${{ secrets.B }}",
  "$${{",
  "{a: b}",
  "[a, b]",
  "a,b",
  "}",
  "]",
  `key: |\n  x\nother: ${"y".repeat(2000)}`,
];

describe("values in YAML", () => {
  test.each([
    ["\n", ""],
    ["\r\n", ""],
    ["\n", "\uFEFF"],
  ])("come out exactly, whatever is in them and however the scalar is written (%j, %j)", async (eol, mark) => {
    const template = mark + everyStyle.replaceAll("\n", eol);
    for (const [index, a] of hostile.entries()) {
      const b = hostile[(index * 7 + 3) % hostile.length] ?? "";
      const result = await rendered(template, { a, b });
      expect({ a, b, data: parse(result, { uniqueKeys: false }) }).toEqual({ a, b, data: expectedData(a, b) });
    }
  });

  test("come out exactly, whatever they are", { timeout: 60_000 }, async () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom("\n", " ", "\t", "#", ":", "a", '"', "'", "-", "\r", "\\", "|") }),
    );
    await fc.assert(
      fc.asyncProperty(value, value, async (a, b) => {
        const result = await rendered(everyStyle, { a, b });
        expect(parse(result)).toEqual(expectedData(a, b));
      }),
      { numRuns: 150 },
    );
  });

  test("come out exactly from whatever document they are in", { timeout: 60_000 }, async () => {
    const value = fc.string({
      unit: fc.oneof(fc.constantFrom(...`\n :#-"\\'|>a\t`), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
    });
    const words = fc.string({ unit: fc.constantFrom(..."ab \n:#-'\"\\,é") });
    const reference = fc.constantFrom("${{ secrets.A }}", "${{ secrets.B }}");
    const text = fc.array(fc.oneof(words, reference), { maxLength: 6 }).map((parts) => parts.join(""));
    const { data } = fc.letrec<{ data: unknown }>((tie) => ({
      data: fc.oneof(
        { maxDepth: 3, depthIdentifier: "data" },
        text,
        fc.array(tie("data"), { maxLength: 4, depthIdentifier: "data" }),
        fc.dictionary(fc.string({ unit: fc.constantFrom(..."abc :#") }), tie("data"), {
          maxKeys: 4,
          depthIdentifier: "data",
        }),
      ),
    }));
    const style = fc.record({
      blockQuote: fc.constantFrom("folded" as const, "literal" as const, false, true),
      collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
      defaultStringType: fc.constantFrom(
        "PLAIN" as const,
        "QUOTE_DOUBLE" as const,
        "QUOTE_SINGLE" as const,
        "BLOCK_LITERAL" as const,
        "BLOCK_FOLDED" as const,
      ),
      indent: fc.integer({ min: 1, max: 5 }),
      lineWidth: fc.constantFrom(0, 20, 80),
      indentSeq: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(data, style, value, value, async (before, options, a, b) => {
        const template = stringify(before, options);
        // The library does not always write what it can read.
        const document = parseDocument(template);
        fc.pre(document.errors.length === 0 && isDeepStrictEqual(document.toJS(), before));
        const fill = (found: unknown): unknown =>
          typeof found === "string"
            ? found.replace(/\$\{\{ secrets\.([AB]) \}\}/g, (_, name) => (name === "A" ? a : b))
            : found;
        const expected: unknown = JSON.parse(JSON.stringify(before), (_, found: unknown) => fill(found));
        expect(parse(await rendered(template, { a, b }))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test("are strings for a reader of YAML 1.1 as well", async () => {
    for (const value of ["yes", "0123", "1:30", "2026-01-01", "null", "1_000", "y", "0b1", ".5"]) {
      const result = await rendered("a: ${{ secrets.A }}\nb: ['${{ secrets.A }}']\n", { a: value });
      expect(parse(result, { version: "1.1" })).toEqual({ a: value, b: [value] });
    }
  });
});

test("no character that readers of YAML disagree on is written as it is", async () => {
  const disputed = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]|(?![\t\n])[\p{Cc}]/u;
  for (const value of hostile) expect(await rendered(everyStyle, { a: value, b: value })).not.toMatch(disputed);
});
