import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/errors.js";
import { formatNamed, formatOf, openTemplate } from "../../src/templates/formats.js";
import { describeUse } from "../../src/templates/template.js";

test("a file's format is that of its extension, else text", () => {
  const names = ["a/formation.afs", "A.YAML", "b.yml", "c.json", "c.jsonc", "d.conf", ".env", "json", "-", ""];
  expect(names.map(formatOf)).toEqual(["yaml", "yaml", "yaml", "json", ...Array<string>(6).fill("text")]);
  expect(["yaml", "constructor"].map(formatNamed)).toEqual(["yaml", undefined]);
});

test("an escape is for text alone", async () => {
  await expect(openTemplate("{}", "json", "json")).rejects.toThrow(InvalidInputError);
  await expect(openTemplate("{}", "yaml", "yaml")).rejects.toThrow("needs none");
});

describe("a text template", () => {
  test("gets every value as it is without an escape", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (value) => {
        const { render } = await openTemplate("\uFEFFa=${{ secrets.A }}\r\n'${{ secrets.A }}", "text");
        expect(render(() => value)).toBe(`\uFEFFa=${value}\r\n'${value}`);
      }),
    );
  });

  test.each([
    ["shell", "export A=${{ secrets.A }}", true],
    ["shell", 'export A="${{ secrets.A }}"', false],
    ["shell", 'A="x ${{ secrets.A }} y"', false],
    ["shell", "A='${{ secrets.A }}'", false],
    ["shell", 'A="x "${{ secrets.A }}" y"', true],
    ["yaml", "a: ${{ secrets.A }}", true],
    ["yaml", 'a: "${{ secrets.A }}"', false],
    ["json", '{ /* remark */ "a": "x ${{ secrets.A }}" }', true],
    ["json", '{ "a": ${{ secrets.A }} }', false],
    ["json", "{ a: '${{ secrets.A }}' }", false],
    ["url", '"https://h/${{ secrets.A }}"', true],
    ["xml", "<a b='${{ secrets.A }}'>${{ secrets.A }}</a>", true],
  ] as const)("for %s takes a reference where the escape is right: %j is %j", async (escape, text, isTaken) => {
    const { faults, uses } = await openTemplate(text, "text", escape);
    expect(faults.map(({ message }) => message)).toHaveLength(isTaken ? 0 : uses.length);
  });

  test("refuses a value that its escape cannot write", async () => {
    const { valueFault, render } = await openTemplate("<a>${{ secrets.A }}</a>", "text", "xml");
    expect([valueFault("\0"), valueFault("x")]).toEqual(["a character that XML cannot hold", undefined]);
    expect(() => render(() => "canary\0")).toThrow("the value of `a` has a character that XML cannot hold");
    expect(render(() => "<&>\n")).toBe("<a>&#60;&#38;&#62;&#10;</a>");
  });
});

test("a use is described as people say it", async () => {
  const [yaml, root] = await Promise.all(
    ["a:\n - ${{ secrets.A }}", "${{ secrets.A }}"].map((text) => openTemplate(text, "yaml")),
  );
  const text = await openTemplate("\n x${{ secrets.A }}", "text");
  const places = [yaml, root, text].map((template) => template?.uses.map((use) => describeUse(use, "f")));
  expect(places).toEqual([["a[0] in f:2"], ["f:1"], ["f:2:3"]]);
});
