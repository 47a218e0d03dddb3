import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { openYaml } from "../../src/templates/yaml-template.js";

/** The template with `secrets.A`, `secrets.B` … filled in from a table. */
async function rendered(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const { faults, render } = await openYaml(template);
  expect(faults).toEqual([]);
  return render(({ name }) => values[name] ?? "?");
}

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
