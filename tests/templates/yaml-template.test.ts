import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
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

describe("a YAML template", () => {
  test("keeps its style where the value can stand in it", async () => {
    const template = `plain: \${{ secrets.A }} # c
single: 'it''s \${{ secrets.A }}'
double: "\\u00e9 \${{ secrets.A }}"
block: |  # c
    a=\${{ secrets.A }}
    b
`;
    expect(await rendered(template, { a: "x'y" })).toBe(`plain: "x'y" # c
single: 'it''s x''y'
double: "\\u00e9 x'y"
block: |  # c
    a=x'y
    b
`);
    expect(await rendered(template, { a: "x\ny" })).toBe(`plain: "x\\ny" # c
single: "it's x\\ny"
double: "\\u00e9 x\\ny"
block: |  # c
    a=x
    y
    b
`);
    const windows = await rendered(template.replaceAll("\n", "\r\n"), { a: "x\ny" });
    expect(windows).toContain("    a=x\r\n    y\r\n    b\r\n");
    expect(await rendered(template, { a: "\u0007" })).toContain('block: "a=\\u0007\\nb\\n"  # c\n');
  });

  test("keeps every other character", async () => {
    const template = `%YAML 1.2
---
# comment   \t
? complex key
:   value   # {{ x }}
dup: 1
dup:    0o17
&a anchor  : [ 1,2 ,  {a: b} ]
x: *a
"q" : ~
os: \${{ matrix.os }}
secret:   \${{ secrets.A }}   # behind
---
!tag second: '\${{ secrets.A }}'
...
`;
    const result = await rendered(template, { a: "v" });
    expect(result).toBe(template.replace("   ${{ secrets.A }}  ", '   "v"  ').replace("'${{ secrets.A }}'", "'v'"));
    expect(parseAllDocuments(result, { uniqueKeys: false, logLevel: "error" })).toHaveLength(2);
  });

  test("without references is the same text, and any text is a template or a fault", async () => {
    const part = fc.constantFrom(
      "a",
      ": ",
      "\n",
      "  ",
      "- ",
      "#",
      "'",
      '"',
      "{",
      "}",
      "[",
      "]",
      "|",
      ">",
      "&a ",
      "*a",
      "---\n",
      "$",
      "\t",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(part).map((parts) => parts.join("")),
        ),
        async (text) => {
          fc.pre(!text.includes("${{"));
          const { faults, uses, render } = await openYaml(text);
          expect(uses).toEqual([]);
          expect(faults.length === 0 ? render(() => "x") : text).toBe(text);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("tells where each secret is used, by line, column and path", async () => {
    const { uses } = await openYaml(
      'llm:\n  api_keys:\n    openai: "Bearer ${{ secrets.OPENAI }}"\nmcps:\n  - ${{ secrets.A }}\n  - text: |\n      x\n      ${{ secrets.B }}\n  - "\\x24{{ secrets.C }}"\n',
    );
    expect(uses.map(({ name, line, column, path }) => ({ name, line, column, path }))).toEqual([
      { name: "openai", line: 3, column: 21, path: ["llm", "api_keys", "openai"] },
      { name: "a", line: 5, column: 5, path: ["mcps", 0] },
      { name: "b", line: 8, column: 7, path: ["mcps", 1, "text"] },
      { name: "c", line: 9, column: 5, path: ["mcps", 2] },
    ]);
  });

  test("replaces no key, and says so", async () => {
    const template = "${{ secrets.A }}: ${{ secrets.A }}\n? [ '${{ secrets.B }}' ]\n: x\n";
    const { uses, warnings } = await openYaml(template);
    expect(uses).toHaveLength(1);
    expect(warnings.map(({ line }) => line)).toEqual([1, 2]);
    expect(await rendered(template, { a: "v" })).toBe(template.replace(": ${{ secrets.A }}", ': "v"'));
  });

  test.each([
    ["a: [${{ secrets.A }}]", 1, "put the reference in quotes"],
    ["a: 1\nb: {c: ${{ secrets.A }}}", 2, "put the reference in quotes"],
    ["a: 1\nb: [", 2, "not valid YAML: "],
    ["a: 'x", 1, "not valid YAML"],
    ["\n\na: ${{ secrets.A-B }}", 3, "letters, digits and `_` only"],
    ["a: |\n  x\n  ${{ secrets. }}", 3, "the name is missing"],
  ])("that cannot be read is told with its line: %j", async (template, line, message) => {
    const { faults } = await openYaml(template);
    expect(faults[0]).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test("that is nested without end is refused", async () => {
    const { faults } = await openYaml(`a: ${"[".repeat(20_000)}`);
    expect(faults[0]?.message).toMatch(/nested too deeply|not valid YAML/);
  });
});
