import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openJson } from "../../src/templates/json-template.js";

function rendered(template: string, values: Readonly<Record<string, string>>): string {
  const { faults, render } = openJson(template);
  expect(faults).toEqual([]);
  return render(({ name }) => values[name] ?? "?");
}

const faultOf = (template: string) => openJson(template).faults[0];
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"', "\\", "\\u0041", "\n", "\0", "$1", "$&", "${{ secrets.A }}", "$${{", '","x":"', "\u2028"),
);

describe("values in JSON", () => {
  test("come out exactly, whatever they are", () => {
    const template = `{"a": "\${{ secrets.A }}", "b": ["x\\u00e9 \${{ secrets.A }}\\t\${{ secrets.B }}/", {"c": ""}],
      "escaped": "\\u0024{{ secrets.A }}", "dollar": "$\${{ secrets.A }}"}`;
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(JSON.parse(rendered(template, { a, b }))).toEqual({
          a,
          b: [`xé ${a}\t${b}/`, { c: "" }],
          escaped: a,
          dollar: "${{ secrets.A }}",
        });
      }),
    );
  });

  test("replace their reference and no other byte", () => {
    const template = `\uFEFF { "n" : 12345678901234567890 , "dup":1,\r\n\t"dup": 1.0e+05, "s":"\\/\\u00e9 \${{ secrets.A }}\\n" ,"k\${{ secrets.A }}":[ ] }\n\n`;
    const { warnings } = openJson(template);
    expect(rendered(template, { a: 'v"' })).toBe(template.replace("${{ secrets.A }}", () => 'v\\"'));
    expect(warnings).toEqual([{ message: expect.stringContaining("in a key"), line: 2, path: ["k${{ secrets.A }}"] }]);
  });
});

describe("a JSON template", () => {
  test("is what JSON.parse takes, and nothing else", () => {
    const part = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"',
      "1",
      "-",
      "0",
      ".5",
      "e1",
      "true",
      "null",
      " ",
      "\\",
      "\\u00",
      "\n",
    );
    const text = fc.oneof(
      fc.json(),
      fc.array(part).map((parts) => parts.join("")),
      fc
        .tuple(fc.json(), fc.nat(), part)
        .map(([json, at, put]) => json.slice(0, at % (json.length + 1)) + put + json.slice(at % (json.length + 1))),
    );
    fc.assert(
      fc.property(text, (template) => {
        let isJson = true;
        try {
          JSON.parse(template);
        } catch {
          isJson = false;
        }
        const { faults, render } = openJson(template);
        expect(faults.length === 0).toBe(isJson);
        expect(isJson ? render(() => "x") : template).toBe(template);
      }),
      { numRuns: 1000 },
    );
  });

  test("tells where each secret is used", () => {
    const { uses } = openJson(
      '{"a": [0, {"b c": "x ${{ secrets.A }}"}],\n "d": "${{secrets.B}} ${{ secrets.A }}",\n "e": "\\u0024{{ secrets.C }}"}',
    );
    expect(uses.map(({ name, line, column, path }) => ({ name, line, column, path }))).toEqual([
      { name: "a", line: 1, column: 22, path: ["a", 1, "b c"] },
      { name: "b", line: 2, column: 8, path: ["d"] },
      { name: "a", line: 2, column: 23, path: ["d"] },
      { name: "c", line: 3, column: 7, path: ["e"] },
    ]);
  });

  test("that is wrong is told with its place", () => {
    expect(faultOf('{"a": 1,\n  }')).toEqual({
      message: "not valid JSON: expected a key in double quotes",
      line: 2,
      column: 3,
    });
    expect(faultOf("")).toMatchObject({ message: "not valid JSON: expected a value", line: 1, column: 1 });
    expect(faultOf("// c\n{}")).toMatchObject({ line: 1, column: 1 });
    expect(faultOf('{"a": "${{ secrets.A-B }}"}')).toMatchObject({ line: 1, column: 8, path: ["a"] });
    expect(faultOf("[".repeat(100_000))).toMatchObject({ message: "the data is nested too deeply" });
  });
});
