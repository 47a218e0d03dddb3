import fc from "fast-check";
import { expect, test } from "vitest";
import type { MetadataValue } from "../../src/sops/document.js";
import { fieldOf, FlatFault, flatten, unflatten } from "../../src/sops/flat.js";

test("maps and lists are in the names of their values, in the order of SOPS", () => {
  const value = [{ recipient: "r", enc: "e" }, { enc: "f" }];
  expect(flatten("age", value)).toEqual([
    ["age__list_0__map_enc", "e"],
    ["age__list_0__map_recipient", "r"],
    ["age__list_1__map_enc", "f"],
  ]);
  expect(flatten("mac_only_encrypted", true)).toEqual([["mac_only_encrypted", "true"]]);
  expect(flatten("shamir_threshold", 2)).toEqual([["shamir_threshold", "2"]]);
});

test("a name belongs to the field it begins with", () => {
  expect(["age__list_0__map_enc", "mac", "a__map_b__list_0"].map(fieldOf)).toEqual(["age", "mac", "a"]);
});

test("what is flattened and unflattened is what it was", () => {
  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  const { value } = fc.letrec<{ value: MetadataValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.array(tie("value"), { minLength: 1, maxLength: 12 }),
      fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, value, { minKeys: 1 }), (metadata) => {
      const pairs = Object.entries(metadata).flatMap(([field, inner]) => flatten(field, inner));
      expect(JSON.parse(JSON.stringify(unflatten(pairs)))).toEqual(JSON.parse(JSON.stringify(metadata)));
    }),
  );
});

test.each([
  [["a", "a"]],
  [["a", "a__map_b"]],
  [["a__map_b", "a__list_0"]],
  [["a__list_1"]],
  [["a__list_0", "a__list_2"]],
  [["a__list_x"]],
  [["a__list_-1"]],
  [["a__list_9999999"]],
  [[`a${"__map_b".repeat(100_000)}`]],
])("%.80j do not fit together", (names) => {
  expect(() => unflatten(names.map((name) => [name, ""]))).toThrow(FlatFault);
});

test("names of JavaScript's own are names like others", () => {
  expect(
    Object.keys(
      unflatten([
        ["__proto__", "x"],
        ["constructor__map_y", "z"],
      ]),
    ),
  ).toEqual(["__proto__", "constructor"]);
});
