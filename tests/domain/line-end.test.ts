import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineEndPolicy, withoutLineEnd } from "../../src/domain/line-end.js";
import type { LineEndPolicy } from "../../src/domain/line-end.js";

const of = (text: string, policy: LineEndPolicy) => Buffer.from(withoutLineEnd(Buffer.from(text), policy)).toString();

describe("a line end at the end of a value", () => {
  it.each([
    ["pw\n", "pw", "pw"],
    ["pw\r\n", "pw", "pw"],
    ["pw", "pw", "pw"],
    ["", "", ""],
    ["\n", "", ""],
    ["tab\there\n", "tab\there", "tab\there"],
    ["ключ ☃\n", "ключ ☃", "ключ ☃"],
    ["two\nlines\n", "two\nlines\n", "two\nlines"],
    ["pw\n\n", "pw\n\n", "pw\n"],
    ["pw\r", "pw\r", "pw\r"],
    ["nul\0\n", "nul\0\n", "nul\0"],
  ])("of %j becomes %j by default, and %j when one is dropped", (text, auto, stripped) => {
    expect(of(text, "auto")).toBe(auto);
    expect(of(text, "strip_one")).toBe(stripped);
    expect(of(text, "keep")).toBe(text);
  });

  it("belongs to a key of several lines by default", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(of(pem, "auto")).toBe(pem);
  });

  it("is never taken from bytes that are no text by default", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((start) => Uint8Array.of(0xff, ...start, 0x0a));
    fc.assert(fc.property(bytes, (value) => withoutLineEnd(value, "auto") === value));
  });

  it("is all that is ever dropped, and nothing is dropped of what does not end in one", () => {
    const policy = fc.constantFrom<LineEndPolicy>("auto", "strip_one", "keep");
    fc.assert(
      fc.property(fc.uint8Array(), policy, (value, name) => {
        const left = withoutLineEnd(value, name);
        expect(Buffer.from(value).subarray(0, left.length)).toEqual(Buffer.from(left));
        expect(["", "\n", "\r\n"]).toContain(Buffer.from(value).subarray(left.length).toString("latin1"));
      }),
    );
  });

  it("is treated by one of three words", () => {
    expect(["auto", "strip_one", "keep", "strip", "", undefined].map(lineEndPolicy)).toEqual([
      "auto",
      "strip_one",
      "keep",
      undefined,
      undefined,
      undefined,
    ]);
  });
});
