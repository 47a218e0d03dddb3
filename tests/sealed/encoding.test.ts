import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64, decodeBase64Into } from "../../src/sealed/encoding.js";

const base64 = fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const almost = fc
  .tuple(base64, fc.nat(), fc.constantFrom(..."-_=+/A \nB", ""))
  .map(([text, at, other]) => text.slice(0, at % (text.length + 1)) + other + text.slice((at % (text.length + 1)) + 1));

test("base64 is decoded to a given place exactly when it is canonical", () => {
  fc.assert(
    fc.property(fc.oneof(base64, almost, fc.string()), (text) => {
      const target = Buffer.alloc(200, 0xff);
      const length = decodeBase64Into(target, text);
      const expected = decodeBase64(text);
      expect(length === -1 ? undefined : target.subarray(0, length)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test.each(["QQ==", "QUI=", "QUJD", ""])("takes %s", (text) => {
  expect(decodeBase64Into(Buffer.alloc(9), text)).toBe(Buffer.from(text, "base64").length);
});

test.each(["QR==", "QUJ=", "Q-JD", "QUJD=", "QQ", "QQ=", "Q Q==", "QUJDQQ==QUJD", "===="])("refuses %s", (text) => {
  expect(decodeBase64Into(Buffer.alloc(20), text)).toBe(-1);
});
