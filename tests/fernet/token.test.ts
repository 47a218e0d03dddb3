import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fernetKeysIn, keyOf, marshalFernetKey, parseFernetKey } from "../../src/fernet/key.js";
import type { FernetKey } from "../../src/fernet/key.js";
import { olderTextconv } from "../../src/fernet/textconv.js";
import { makeToken, marshalToken, openToken, parseToken } from "../../src/fernet/token.js";

interface Vectors {
  readonly key: string;
  readonly generate: {
    readonly token: string;
    readonly now: string;
    readonly iv: readonly number[];
    readonly src: string;
  };
  readonly invalid: readonly { readonly desc: string; readonly token: string }[];
  readonly invalid_only_by_time: readonly { readonly desc: string; readonly token: string }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL("../vectors/fernet/spec.json", import.meta.url), "utf8"),
) as Vectors;

const key = required(parseFernetKey(vectors.key));
const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => keyOf(Buffer.from(bytes)));
const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a value");
  return value;
}

function open(token: string, by: FernetKey = key): string | undefined {
  const parsed = parseToken(token);
  return parsed === undefined ? undefined : openToken(parsed, by)?.toString();
}

test("the token of the specification is made and opened", () => {
  const { token, now, iv, src } = vectors.generate;
  const seconds = BigInt(Date.parse(now) / 1000);
  expect(marshalToken(makeToken(Buffer.from(src), key, seconds, Buffer.from(iv)))).toBe(token);
  expect(open(token)).toBe(src);
});

test.each(vectors.invalid)("the specification's invalid token is refused: $desc", ({ token }) => {
  expect(open(token)).toBeUndefined();
});

test.each(vectors.invalid_only_by_time)("a store does not expire: $desc", ({ token }) => {
  expect(open(token)).toBe("");
});

test("whatever was encrypted comes back, and a token has one spelling", () => {
  const times = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(keys, ivs, fc.uint8Array({ maxLength: 200 }), times, (by, iv, plaintext, seconds) => {
      const text = marshalToken(makeToken(plaintext, by, seconds, iv));
      const token = required(parseToken(text));
      expect(marshalToken(token)).toBe(text);
      expect(token.seconds).toBe(seconds);
      expect(openToken(token, by)).toEqual(Buffer.from(plaintext));
      expect(parseToken(text.replace(/=+$/, "")) === undefined || !text.endsWith("=")).toBe(true);
    }),
  );
});

test("a token altered in any byte, or cut anywhere, is refused", () => {
  const text = marshalToken(makeToken(Buffer.from('{"A": "b"}'), key, 1n, Buffer.alloc(16, 7)));
  const bytes = Buffer.from(text, "base64url");
  for (let at = 0; at < bytes.length; at++) {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 0x01;
    expect({ at, opened: open(altered.toString("base64").replaceAll("+", "-").replaceAll("/", "_")) }).toEqual({
      at,
      opened: undefined,
    });
  }
  for (let length = 0; length < text.length; length++) expect(open(text.slice(0, length))).toBeUndefined();
});

test("another key opens nothing", () => {
  const { token } = vectors.generate;
  const other = required(parseFernetKey("A".repeat(43) + "="));
  expect(open(token, other)).toBeUndefined();
});

test("a key is read in each of its spellings and no other", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const raw = Buffer.from(bytes);
      const spellings = [marshalFernetKey(keyOf(raw)), raw.toString("base64"), raw.toString("hex")];
      for (const spelling of [...spellings, raw.toString("hex").toUpperCase()]) {
        expect(parseFernetKey(spelling)).toEqual(keyOf(raw));
        expect(parseFernetKey(spelling.slice(0, -1))).toBeUndefined();
        expect(parseFernetKey(`${spelling}=`)).toBeUndefined();
      }
    }),
  );
  expect(parseFernetKey("AGE-SECRET-KEY-1AAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).toBeUndefined();
});

test("a key file gives its keys, and passes over comments and identities", () => {
  const text = `${vectors.key}\r\n# a comment\nAGE-SECRET-KEY-1QQQ\n${"00".repeat(32)}`;
  expect(fernetKeysIn(text)).toEqual([key, keyOf(Buffer.alloc(32))]);
  expect(fernetKeysIn("AGE-SECRET-KEY-1QQQ\n")).toEqual([]);
});

test("as text, a token shows when it was written and nothing else", () => {
  expect(olderTextconv(`${vectors.generate.token}\n`)).toBe(
    "older format (one Fernet token), names and values encrypted\nwritten 1985-10-26T08:20:00Z\n",
  );
  expect(() => olderTextconv("gAAAAB")).toThrow("is not one");
  const far = marshalToken(makeToken(Buffer.of(), key, 2n ** 64n - 1n, Buffer.alloc(16)));
  expect(olderTextconv(far)).toContain("written 18446744073709551615 s\n");
});
