import * as fc from "fast-check";
import { expect, test } from "vitest";
import { pathFault } from "../../src/domain/names.js";
import { addressFault } from "../../src/password-store/names.js";

test.each([
  "a",
  "a/b",
  "a/b#1",
  "a/b#user name",
  "a/.hidden",
  "a/ b ",
  "ü€/x",
  `a/${"n".repeat(251)}`,
  "a/-x",
  "a/b#c/d",
])("%j is an address", (path) => expect(addressFault(path)).toBeUndefined());

test.each([
  ["a#", "a key"],
  ["#key", "empty"],
  ["a/#key", "empty segment"],
  ["-x", "`-`"],
  [":x", "`:`"],
  [".x", "does not list"],
  [".git/x", "does not list"],
  ["a/.b/c", "does not list"],
  [`a/${"n".repeat(252)}`, "251 bytes"],
  [`${"ü".repeat(128)}/a`, "255 bytes"],
])("%j is no address", (path, fault) => expect(addressFault(path)).toContain(fault));

/** What is no address, or has an entry that is a path. */
const holds = (path: string) => addressFault(path) !== undefined || pathFault(path.split("#")[0] ?? "") === undefined;

test("an address never has an entry that the common rules refuse", () => {
  const paths = fc.string({ unit: fc.constantFrom("a", "/", ".", "#", "-", "\n") });
  expect(() => fc.assert(fc.property(paths, holds))).not.toThrow();
});
