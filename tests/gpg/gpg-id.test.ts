import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseGpgId } from "../../src/gpg/gpg-id.js";
import { fuzzRuns } from "../support/fuzz.js";

test("comments and blank lines of a `.gpg-id` are no recipients", () => {
  expect(parseGpgId("# team\nAB # bridge\r\n\n  CD\n")).toEqual(["AB", "CD"]);
});

test("no recipient is empty, has a comment or more than a line, whatever the text", () => {
  const piece = fc.constantFrom("#", "\n", "\r", " ", "A", "0x12!", "a@b <c>", "\t", "\u2028");
  const holds = (pieces: readonly string[]) =>
    parseGpgId(pieces.join("")).every((id) => /^[^#\n]+$/.test(id) && id.trim() === id);
  expect(() =>
    fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), holds), { numRuns: fuzzRuns(300) }),
  ).not.toThrow();
});
