import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeArmor, encodeArmor, startsAsArmor } from "../../src/age/armor.js";
import { AgeFormatError } from "../../src/age/format-error.js";
import { formatHeader, parseHeader } from "../../src/age/header.js";
import type { AgeHeader } from "../../src/age/header.js";
import { ageVectors } from "../support/age-vectors.js";

const fileKey = Buffer.alloc(16, 5);

/** What a parser gives, or `undefined` where it refuses in its own way. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AgeFormatError) return undefined;
    throw error;
  }
}

const files = ageVectors.map(({ file }) => file);

describe("the header of an age file", () => {
  it("of every published vector that parses is written the same again", () => {
    const parsed = files.flatMap((file) => attempt(() => parseHeader(file)) ?? []);
    expect(parsed.length).toBeGreaterThan(50);
    for (const { stanzas, signed } of parsed) {
      expect(formatHeader(stanzas, fileKey).subarray(0, signed.length).toString()).toBe(signed.toString());
    }
  });

  it("with any stanzas comes back as it was", () => {
    const word = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    });
    const stanza = fc.record({
      type: word,
      args: fc.array(word, { maxLength: 4 }),
      body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(stanza, { minLength: 1, maxLength: 5 }), (stanzas) => {
        const bytes = formatHeader(stanzas, fileKey);
        const parsed: AgeHeader = parseHeader(Buffer.concat([bytes, Buffer.from("payload")]));
        expect(parsed.stanzas).toEqual(stanzas);
        expect(parsed.bytes.equals(bytes)).toBe(true);
      }),
    );
  });
});

describe("a header", () => {
  it.each([
    ["", "its header is cut off"],
    ["age-encryption.org/v2\n", "it does not begin as an age file of version 1"],
    [`age-encryption.org/v1\n--- ${"A".repeat(43)}\n`, "its header names no recipient"],
    ["age-encryption.org/v1\n-> X25519  two\n\n--- ", "a recipient in its header is malformed"],
    ["age-encryption.org/v1\n-> X25519 one\n-> X25519 two\n", "the body of a recipient in its header is malformed"],
    ["age-encryption.org/v1\n-> X25519 one\n\n---\n", "the last line of its header is malformed"],
  ])("%j is told from others by what is wrong", (text, why) => {
    expect(() => parseHeader(Buffer.from(text))).toThrow(new AgeFormatError(why));
  });
});

describe("armor", () => {
  it("of every published vector that decodes is written the same again, but for white space around and line ends", () => {
    const armored = files.filter(startsAsArmor).flatMap((file) => {
      const bytes = attempt(() => decodeArmor(file));
      return bytes === undefined ? [] : [{ file, bytes }];
    });
    expect(armored.length).toBeGreaterThan(5);
    for (const { file, bytes } of armored) {
      const plain = file.toString("latin1").trim().replaceAll("\r\n", "\n");
      expect(encodeArmor(bytes)).toBe(`${plain}\n`);
    }
  });

  it("of any bytes comes back as it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        expect(decodeArmor(Buffer.from(encodeArmor(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});
