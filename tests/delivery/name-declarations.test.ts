import fc from "fast-check";
import { expect, test } from "vitest";
import { declaredNames, declareNames } from "../../src/delivery/name-declarations.js";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const refs = fc.uniqueArray(
  fc.record({ name, description: fc.option(fc.string({ unit: "binary" }), { nil: undefined }) }),
  {
    selector: (ref) => ref.name,
  },
);
const ref = (given: { readonly name: string; readonly description: string | undefined }) =>
  given.description === undefined ? { name: given.name } : { name: given.name, description: given.description };

test("names are declared in order, each with its description", () => {
  const text = declareNames([{ name: "b" }, { name: "a", description: "Databento */ historical\nAPI" }]);
  expect(text).toContain("    /** Databento *∕ historical API */\n    a: string;\n    b: string;\n");
});

test("what is written is read again, and the order of the configuration makes no difference", () => {
  fc.assert(
    fc.property(refs, (given) => {
      const text = declareNames(given.map(ref));
      expect(declareNames(given.map(ref).toReversed())).toBe(text);
      const read = declaredNames(text);
      expect(read?.map((one) => one.name)).toEqual(given.map((one) => one.name).toSorted());
      expect(declareNames(read ?? [])).toBe(text);
    }),
  );
});

test("a file with other line ends is still the same file", () => {
  expect(declaredNames(declareNames([{ name: "a" }]).replaceAll("\n", "\r\n"))).toEqual([{ name: "a" }]);
});

test.each([
  ["somebody else's", () => "export {};\n"],
  ["empty", () => ""],
  ["one with a line more", (text: string) => `${text}export type Mine = string;\n`],
  ["one with another type", (text: string) => text.replace("a: string", "a: number")],
  [
    "one in another order",
    (text: string) => text.replace("    a: string;\n    b: string;", "    b: string;\n    a: string;"),
  ],
  ["one with a conflict", (text: string) => text.replace("    a: string;", "<<<<<<< ours\n    a: string;")],
])("a file that is %s is not taken for a generated one", (_, change) => {
  expect(declaredNames(change(declareNames([{ name: "a" }, { name: "b" }])))).toBeUndefined();
});
