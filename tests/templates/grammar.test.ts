import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/errors.js";
import { piecesOf, referencesIn, substitute } from "../../src/templates/grammar.js";

const names = (text: string) => referencesIn(text).map(({ name }) => name);
const faults = (text: string) => piecesOf(text).filter(({ kind }) => kind === "fault");

describe("a reference", () => {
  test.each([
    ["${{ secrets.API_KEY }}", ["api_key"]],
    ["${{secrets.api_key}}", ["api_key"]],
    ["${{ \t secrets.Api_Key\t }}", ["api_key"]],
    ["${{ SECRETS.a1 }}", ["a1"]],
    ["a ${{ secrets.A }}${{ secrets.B }} ${{ secrets.A }}", ["a", "b", "a"]],
    ["$ ${{ secrets.A }}", ["a"]],
    ["{${{ secrets.A }}}", ["a"]],
    ["${{ secrets.A }}}}", ["a"]],
    ["${{ ${{ secrets.A }} }}", ["a"]],
  ])("is found in %j", (text, expected) => {
    expect(names(text)).toEqual(expected);
    expect(faults(text)).toEqual([]);
  });

  test("is told with its place, in UTF-16 units and from 1", () => {
    const text = "\uFEFFé😀 ${{ secrets.A }}\r\n\n  ${{ secrets.B }}${{secrets.C}}\n";
    expect(referencesIn(text)).toEqual([
      { name: "a", start: 5, end: 21, line: 1, column: 5 },
      { name: "b", start: 26, end: 42, line: 3, column: 3 },
      { name: "c", start: 42, end: 56, line: 3, column: 19 },
    ]);
    for (const { start, end } of referencesIn(text)) expect(text.slice(start, end)).toMatch(/^\$\{\{.*\}\}$/);
  });

  test("of another context is text", () => {
    for (const text of [
      "${{ matrix.os }}",
      "${{ secretsanta.x }}",
      "${{ secrets-of.x }}",
      "${{ toJSON(secrets) }}",
      "${{ github.event.secrets.A }}",
      "${{ }}",
      "${ { secrets.A }}",
      "{{ secrets.A }}",
      "$ {{ secrets.A }}",
      "secrets.A",
      "${{",
    ]) {
      expect({ text, pieces: piecesOf(text) }).toEqual({ text, pieces: [] });
      expect(substitute(text, () => "x")).toBe(text);
    }
  });

  test.each([
    ["${{ secrets. }}", "the name is missing"],
    ["${{ secrets.A-B }}", "letters, digits and `_` only"],
    ["${{ secrets.1A }}", "letters, digits and `_` only"],
    ["${{ secrets._A }}", "letters, digits and `_` only"],
    ["${{ secrets.É }}", "letters, digits and `_` only"],
    [`\${{ secrets.${"a".repeat(129)} }}`, "at most 128"],
    ["${{ secrets.A.B }}", "expected `}}` after"],
    ["${{ secrets.A || 'x' }}", "expected `}}` after"],
    ["${{ secrets.A", "expected `}}` after"],
    ["${{ secrets.A }", "expected `}}` after"],
    ["${{ secrets.A\n}}", "expected `}}` after"],
    ["${{\nsecrets.A }}", "on one line"],
    ["${{ secrets }}", "expected `${{ secrets.NAME }}`"],
    ["${{ secrets['A'] }}", "expected `${{ secrets.NAME }}`"],
    ["${{ secrets .A }}", "expected `${{ secrets.NAME }}`"],
  ])("that is malformed is a fault: %j", (text, message) => {
    expect(faults(`\n  ${text} \${{ secrets.B }}`)).toMatchObject([
      { line: 2, column: 3, message: expect.stringContaining(message) },
    ]);
    expect(names(`${text} \${{ secrets.B }}`)).toEqual(["b"]);
    expect(() => substitute(text, () => "x")).toThrow(InvalidInputError);
  });

  test("that is malformed is not repeated: it may hold a value", () => {
    expect(() => substitute("\n${{ secrets.sk-live-canary }}", () => "")).toThrow(/^2:1: (?!.*canary)/);
  });
});

describe("substitution", () => {
  test("takes `$${{` for a literal `${{`, and no more dollars than one", () => {
    expect(substitute("$${{ secrets.A }} $$${{ x }} $${{ secrets.A-B }}", () => "x")).toBe(
      "${{ secrets.A }} $${{ x }} ${{ secrets.A-B }}",
    );
  });

  test("puts in every value as it is and looks at none of it again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "binary" }).map(withoutDollars), value)),
        fc.string({ unit: "binary" }).map(withoutDollars),
        (parts, end) => {
          const template = parts.map(([text], index) => `${text} \${{ secrets.N${index} }}`).join("") + end;
          const expected = parts.map(([text, put]) => `${text} ${put}`).join("") + end;
          expect(substitute(template, ({ name }) => parts[Number(name.slice(1))]?.[1] ?? "?")).toBe(expected);
        },
      ),
    );
  });

  test("leaves a text without references and literals as it is", () => {
    const text = fc.array(fc.oneof(fc.string({ unit: "binary" }), syntax)).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (template) => {
        fc.pre(piecesOf(template).length === 0);
        expect(substitute(template, () => "x")).toBe(template);
      }),
    );
  });

  test("takes no longer than in proportion to the text, whatever is in it", () => {
    const many = 40_000;
    for (const unit of ["${{", "${{ secrets.", "${{ secrets.A", "${{ \t", "$", "${{ secrets.A }}", "}}", "$${{"]) {
      const text = unit.repeat(many);
      expect(piecesOf(text).length).toBeLessThanOrEqual(many);
    }
    expect(piecesOf(`\${{${" ".repeat(many)}secrets.${"a".repeat(many)}`)).toHaveLength(1);
  });
});

const syntax = fc.constantFrom("$", "${{", "}}", " ", "secrets", ".", "A", "\n", "matrix");
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("$1", "\\1", "$&", "$$", "$`", "${{ secrets.N0 }}", "$${{", "${{ secrets.", "\0", "}}"),
);
const withoutDollars = (text: string): string => text.replaceAll("$", "");
