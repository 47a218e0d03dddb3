import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBech32, encodeBech32 } from "../../src/age/bech32.js";

describe("bech32", () => {
  it("gives back what it encoded, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom("age", "age-secret-key-"), (bytes, prefix) => {
        const text = encodeBech32(prefix, bytes);
        expect(decodeBech32(text)).toEqual({ prefix, bytes: Buffer.from(bytes) });
        expect(decodeBech32(text.toUpperCase())?.bytes.equals(bytes)).toBe(true);
      }),
    );
  });

  it.each([
    ["valid in BIP-173", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", true],
    [
      "valid with a `1` in the prefix",
      "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
      true,
    ],
    ["with mixed case", "A1g7sgd8", false],
    ["with a wrong checksum", "a12uel6", false],
    ["without a separator", "pzry9x0s0muk", false],
    ["with an empty prefix", "1pzry9x0s0muk", false],
    ["with a character outside the alphabet", "x1b4n0q5v", false],
    ["with too short a checksum", "li1dgmt3", false],
  ])("reads a string %s: %s", (_, text, valid) => {
    expect(decodeBech32(text) !== undefined).toBe(valid);
  });

  it("refuses every change of one character", () => {
    const text = encodeBech32("age", new Uint8Array(32).fill(7));
    for (let index = 0; index < text.length; index++) {
      const other = text[index] === "q" ? "p" : "q";
      expect(decodeBech32(text.slice(0, index) + other + text.slice(index + 1))).toBeUndefined();
    }
  });
});
