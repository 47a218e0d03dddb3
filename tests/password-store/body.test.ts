import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzzRuns } from "../support/fuzz.js";
import { bodyOfValue, valueOfBody } from "../../src/password-store/body.js";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const valueOf = (shown: string) => Buffer.from(valueOfBody(latin1(shown))).toString("latin1");

describe("the value of a body", () => {
  test.each([
    ["pw\n", "pw"],
    ["pw\nuser: bob\n\n", "pw\nuser: bob\n"],
    ["\n", ""],
    ["no newline", "no newline"],
    ["", ""],
  ])("%j is %j: only the last newline goes", (shown, value) => {
    expect(valueOf(shown)).toBe(value);
  });

  test("gopass's binary form is decoded, in either spelling of its header", () => {
    expect(valueOf('\nContent-Disposition: attachment; filename="x"\nContent-Transfer-Encoding: Base64\nAAEC\n')).toBe(
      "\0\x01\x02",
    );
    expect(valueOf('\ncontent-transfer-encoding: Base64\ncontent-disposition: attachment; filename="x"\nAAEC\n')).toBe(
      "\0\x01\x02",
    );
    expect(valueOf("\nContent-Transfer-Encoding: Base64\n\n")).toBe("");
  });

  test.each([
    ["a first line that is not empty", "pw\nContent-Transfer-Encoding: Base64\nAAEC\n"],
    ["text after the Base64", "\nContent-Transfer-Encoding: Base64\nAAEC\nmore\n"],
    ["what is not quite Base64", "\nContent-Transfer-Encoding: Base64\nAAE\n"],
    ["bits that canonical Base64 leaves zero", "\nContent-Transfer-Encoding: Base64\nAAF=\n"],
    ["another encoding", "\nContent-Transfer-Encoding: 7bit\nAAEC\n"],
  ])("%s is text, not the binary form", (_name, shown) => {
    expect(valueOf(shown)).toBe(shown.slice(0, -1));
  });
});

test("the body of a value gives the value back, and is the value and a newline but where that would be misread", () => {
  const piece = fc.constantFrom(
    "\n",
    "\r\n",
    "\0",
    "a",
    "AAEC",
    "\nContent-Transfer-Encoding: Base64\n",
    "---",
    "\xff",
    "x: y\n",
  );
  const holds = (pieces: readonly string[]) => {
    const value = latin1(pieces.join(""));
    const body = Buffer.from(bodyOfValue(value));
    expect(Buffer.from(valueOfBody(body))).toEqual(value);
    expect(body[0] === 10 || body.equals(Buffer.concat([value, Buffer.of(10)]))).toBe(true);
  };
  expect(() =>
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), holds), { numRuns: fuzzRuns(200) }),
  ).not.toThrow();
});
