import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unarmored } from "../../src/gpg/armor.js";

/** `gpg --enarmor` of the bytes 0x80 to 0x8f, and its checksum. */
const body = "gIGCg4SFhoeIiYqLjI2Ojw==";
const checksum = "=mH+T";
const message = (...lines: string[]) =>
  Buffer.from(["-----BEGIN PGP MESSAGE-----", ...lines, "-----END PGP MESSAGE-----", ""].join("\n"));
const bytes = Buffer.from(Array.from({ length: 16 }, (_, index) => 0x80 + index));

test("an armored message is its bytes, and binary ones are themselves", () => {
  expect(unarmored(bytes)).toBe(bytes);
  expect(unarmored(message("", body, checksum))).toEqual(bytes);
  expect(unarmored(message("Comment: x", "Version: y", "", body.slice(0, 8), body.slice(8), checksum))).toEqual(bytes);
  expect(unarmored(message("", body))).toEqual(bytes);
  expect(unarmored(Buffer.from(message("", body, checksum).toString().replaceAll("\n", "\r\n")))).toEqual(bytes);
});

describe("refused is", () => {
  test.each([
    ["a wrong checksum", message("", body, "=AAAA")],
    ["text before it", Buffer.concat([Buffer.from("x\n"), message("", body, checksum)])],
    ["text after it", Buffer.concat([message("", body, checksum), Buffer.from("x\n")])],
    ["a second message", Buffer.concat([message("", body, checksum), message("", body, checksum)])],
    ["no empty line", message(body, checksum)],
    ["a line that is no header", message("x", "", body, checksum)],
    ["what is not Base64", message("", "gIGC g4SF", checksum)],
    ["bits that canonical Base64 leaves zero", message("", "gIF=")],
    [
      "a kind that is no message",
      Buffer.from(message("", body, checksum).toString().replaceAll("MESSAGE", "SIGNATURE")),
    ],
    ["no end", Buffer.from("-----BEGIN PGP MESSAGE-----\n\n")],
  ])("%s", (_name, armored) => {
    expect(unarmored(armored)).toBeUndefined();
  });
});

test("any bytes come to an end", () => {
  const piece = fc.constantFrom(
    "-----BEGIN PGP MESSAGE-----\n",
    "-----END PGP MESSAGE-----\n",
    "\n",
    body,
    `${checksum}\n`,
    "A: b\n",
    " ",
    "=",
  );
  const holds = (pieces: readonly string[]) => {
    const found = unarmored(Buffer.from(pieces.join("")));
    return found === undefined || found instanceof Uint8Array;
  };
  expect(() => fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), holds))).not.toThrow();
});
