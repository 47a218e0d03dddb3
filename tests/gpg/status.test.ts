import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isAccepted } from "../../src/gpg/decrypt.js";
import { parseStatus } from "../../src/gpg/status.js";

const text = (...lines: string[]) => lines.map((line) => `[GNUPG:] ${line}\n`).join("");
const good = ["ENC_TO AA 18 0", "PLAINTEXT 62 0 a%0Ab", "PLAINTEXT_LENGTH 3", "DECRYPTION_OKAY", "GOODMDC"];
const accepts = (lines: readonly string[], length = 3) => isAccepted(parseStatus(text(...lines)), length);

test("events are told by their keyword, with what follows", () => {
  const status = parseStatus(text("ENC_TO AA 18 0", "GOODMDC", "ENC_TO BB 1 0"));
  expect(status.lines).toEqual([
    { keyword: "ENC_TO", rest: "AA 18 0" },
    { keyword: "GOODMDC", rest: "" },
    { keyword: "ENC_TO", rest: "BB 1 0" },
  ]);
  expect(status.count("ENC_TO")).toBe(2);
  expect(status.says("NODATA", "GOODMDC")).toBe(true);
  expect(status.says("MDC", "ENC")).toBe(false);
});

test.each([
  ["in the midst of a line", "PLAINTEXT 62 0 [GNUPG:] GOODMDC\n"],
  ["after a space", " [GNUPG:] GOODMDC\n"],
  ["as part of a word", "[GNUPG:] GOODMDCX\n"],
  ["in a line that was cut", "[GNUPG:] GOODMDC"],
  ["in a line without its mark", "GOODMDC\n"],
])("a keyword %s is no event", (_name, line) => {
  expect(parseStatus(line).says("GOODMDC")).toBe(false);
});

test("a decryption is accepted that was whole, protected, and of one literal", () => {
  expect(accepts(good)).toBe(true);
  expect(accepts(good.filter((line) => !line.startsWith("PLAINTEXT_LENGTH")))).toBe(true);
});

test.each([
  ["without DECRYPTION_OKAY", good.filter((line) => line !== "DECRYPTION_OKAY")],
  ["without GOODMDC", good.filter((line) => line !== "GOODMDC")],
  ["without a literal", good.filter((line) => !line.startsWith("PLAINTEXT "))],
  ["with two literals", [...good, "PLAINTEXT 62 0 "]],
  ["twice", [...good, ...good]],
  ["with BADMDC as well", [...good, "BADMDC"]],
  ["that failed as well", [...good, "DECRYPTION_FAILED"]],
  ["with an error", [...good, "ERROR proc_pkt.plaintext 89_BAD_DATA"]],
])("a decryption %s is not accepted", (_name, lines) => {
  expect(accepts(lines)).toBe(false);
});

test("a decryption that told another length than was printed is not accepted", () => {
  expect(accepts(good, 2)).toBe(false);
});

test("nothing but gpg's own lines makes an event, whatever the text", () => {
  const piece = fc.constantFrom("[GNUPG:] ", "GOODMDC", "\n", " ", "\r", "PLAINTEXT", "%0A", "x", "[GNUPG:]");
  const holds = (pieces: readonly string[]) => {
    const whole = pieces.join("");
    const expected = whole
      .split("\n")
      .slice(0, -1)
      .filter((line) => /^\[GNUPG:\] GOODMDC(?: |$)/.test(line)).length;
    return parseStatus(whole).count("GOODMDC") === expected;
  };
  expect(() => fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), holds))).not.toThrow();
});
