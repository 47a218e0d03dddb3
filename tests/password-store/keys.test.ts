import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { lookUpKey } from "../../src/password-store/keys.js";
import { fuzzRuns } from "../support/fuzz.js";

const look = async (value: string, key: string) => {
  const found = await lookUpKey(Buffer.from(value), key, "a/b");
  return found === undefined ? undefined : Buffer.from(found).toString();
};
const failureOf = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown : undefined;
};

const yaml = (document: string) => `pw\nuser: before\n---\n${document}`;

describe("the first line", () => {
  test.each([
    ["pw\nuser: bob", "pw"],
    ["pw", "pw"],
    ["", ""],
    ["\nuser: bob", ""],
    ["pw\n1: other", "pw"],
  ])("of %j is %j", async (value, line) => {
    expect(await look(value, "1")).toBe(line);
  });

  test("of a binary value is its bytes up to the first newline", async () => {
    expect(await lookUpKey(Buffer.from([0xff, 0, 0x0a, 1]), "1", "a/b")).toEqual(Buffer.from([0xff, 0]));
  });
});

describe("a key of the lines after the first", () => {
  const body = "first: no\nuser: bob\nurl: https://x: 1\nempty: \n indented : v\nuser: eve\nbare:\nKey: upper";
  test.each([
    ["user", "bob\neve"],
    ["url", "https://x: 1"],
    ["empty", ""],
    ["indented", "v"],
    ["Key", "upper"],
    ["key", undefined],
    ["first", undefined],
    ["bare", undefined],
    ["nothing", undefined],
    ["__proto__", undefined],
  ])("%s is %j", async (key, value) => {
    expect(await look(body, key)).toBe(value);
  });
});

describe("a key of the YAML after a line `---`", () => {
  test.each([
    ["pin: 0123", "pin", "0123"],
    ["big: 12345678901234567890", "big", "12345678901234567890"],
    ["on: yes", "on", "yes"],
    ['quoted: "a\\tb"', "quoted", "a\tb"],
    ["block: |\n  one\n  two\n", "block", "one\ntwo\n"],
    ["anchor: &x v\nalias: *x", "alias", "v"],
    ["empty:", "empty", ""],
    ["a: 1\n---\nb: 2", "c", undefined],
    ["- list", "list", undefined],
    ["user: after", "user", "before"],
    ["0: zero", "0", "zero"],
    ["", "a", undefined],
  ])("in %j, %s is %j", async (document, key, value) => {
    expect(await look(yaml(document), key)).toBe(value);
  });

  test("a list or a map is not a value", async () => {
    expect((await failureOf(look(yaml("a: [1]"), "a")))?.code).toBe("invalid_input");
    expect((await failureOf(look(yaml("a: {b: c}"), "a")))?.code).toBe("invalid_input");
  });

  test("a key that is there twice is refused rather than chosen between", async () => {
    expect((await failureOf(look(yaml("a: 1\na: 2"), "a")))?.code).toBe("integrity");
  });

  test("what is not YAML is refused without a word of it in the message", async () => {
    const error = await failureOf(look(yaml("a: [canary-5f1d"), "a"));
    expect(error?.code).toBe("integrity");
    expect(`${error?.message} ${error?.hint} ${String(error?.cause)}`).not.toContain("canary");
  });

  test("aliases that explode cost nothing, because only scalars are resolved", async () => {
    const levels = Array.from({ length: 30 }, (_, level) => `l${level + 1}: &l${level + 1} [*l${level}, *l${level}]`);
    expect((await failureOf(look(yaml(`l0: &l0 x\n${levels.join("\n")}`), "l30")))?.code).toBe("invalid_input");
  });
});

test("a binary value has no keys", async () => {
  expect((await failureOf(lookUpKey(Buffer.from([0xff, 0x0a]), "user", "a/b")))?.code).toBe("invalid_input");
});

test("any body gives a key, none, or an error of its own that shows nothing of it", async () => {
  const piece = fc.constantFrom(
    "\n",
    "user",
    ": ",
    "---\n",
    "- ",
    "[",
    "{",
    "&a ",
    "*a",
    "\xff",
    "\0",
    "'",
    "|\n",
    "canary-5f1d",
    "? ",
    "!!x ",
  );
  const key = fc.constantFrom("1", "user", "---", "canary", "");
  const holds = async (pieces: readonly string[], wanted: string) => {
    const text = Buffer.from(pieces.join(""), "latin1");
    const thrown = await lookUpKey(text, wanted, "a/b").then(
      () => undefined,
      (error: unknown) => error,
    );
    if (thrown === undefined) return;
    expect(isSecretsError(thrown)).toBe(true);
    expect(isSecretsError(thrown) && `${thrown.message}${thrown.hint}`.includes("canary-5f1d")).toBe(false);
  };
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 14 }), key, holds), { numRuns: fuzzRuns(300) });
});
