import { expect, test } from "vitest";
import { isBelow } from "../../src/scan/path-filter.js";

test.each<[string, readonly string[], boolean]>([
  ["a/b", ["a"], true],
  ["a", ["a"], true],
  ["a/b", ["a/b"], true],
  ["ab", ["a"], false],
  ["a", ["a/b"], false],
  ["x", ["a", ""], true],
  ["x", [], false],
  ["ü/x", ["ü"], true],
])("whether %s is below %j: %s", (path, roots, isInside) => {
  expect(isBelow(roots)(Buffer.from(path))).toBe(isInside);
});
