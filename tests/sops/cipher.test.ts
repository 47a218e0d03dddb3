import { createSecretKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import {
  associatedData,
  decryptScalar,
  encryptScalar,
  formatEncrypted,
  parseEncrypted,
} from "../../src/sops/cipher.js";
import type { SopsScalar } from "../../src/sops/document.js";

const key = createSecretKey(Buffer.alloc(32, 7));
const str = (value: string): SopsScalar => ({ type: "str", value });
const textOf = (scalar: SopsScalar) => (scalar.type === "str" ? scalar.value : "");
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isSecretsError(error) ? error.code : "foreign";
  }
  return "none";
};

const scalars: fc.Arbitrary<SopsScalar> = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }).map(str),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: "int" as const, value })),
  fc.double({ noNaN: true }).map((value) => ({ type: "float" as const, value })),
  fc.boolean().map((value) => ({ type: "bool" as const, value })),
  fc
    .date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
    .map((date) => ({ type: "time" as const, value: date.toISOString().replace(/\.?0*Z$/, "Z") })),
);

describe("a value", () => {
  test("of any type comes back as it was", () => {
    fc.assert(
      fc.property(scalars, fc.string(), (scalar, place) => {
        const encrypted = encryptScalar(scalar, key, place);
        expect(parseEncrypted(textOf(encrypted))?.type).toBe(scalar.type);
        expect(decryptScalar(encrypted, key, place)).toEqual(scalar);
      }),
    );
  });

  test("that is empty text or null stays as it is", () => {
    for (const scalar of [str(""), { type: "null" } as const]) {
      expect(encryptScalar(scalar, key, "a:")).toBe(scalar);
    }
    expect(decryptScalar(str(""), key, "a:")).toEqual(str(""));
  });

  test("whose bytes are not UTF-8 is a `str` to SOPS, and comes back as bytes", () => {
    const scalar = { type: "bytes", value: Buffer.from([0xff, 0x00, 0xfe]) } as const;
    const encrypted = encryptScalar(scalar, key, "data:");
    expect(parseEncrypted(textOf(encrypted))?.type).toBe("str");
    expect(decryptScalar(encrypted, key, "data:")).toEqual(scalar);
  });

  test("never has the same text twice: each has an IV of its own", () => {
    const texts = Array.from({ length: 64 }, () => textOf(encryptScalar(str("same"), key, "a:")));
    expect(new Set(texts.map((text) => parseEncrypted(text)?.iv.toString("hex"))).size).toBe(64);
    expect(parseEncrypted(texts[0] ?? "")?.iv).toHaveLength(32);
  });

  test("does not decrypt in another place, with another key, or with one bit changed", () => {
    const encrypted = encryptScalar(str("value"), key, "a:b:");
    expect(codeOf(() => decryptScalar(encrypted, key, "a:c:"))).toBe("integrity");
    expect(codeOf(() => decryptScalar(encrypted, createSecretKey(Buffer.alloc(32, 8)), "a:b:"))).toBe("integrity");
    const parts = parseEncrypted(textOf(encrypted));
    if (parts === undefined) throw new Error("expected an encrypted value");
    for (const name of ["data", "iv", "tag"] as const) {
      for (let bit = 0; bit < parts[name].length * 8; bit++) {
        const changed = Buffer.from(parts[name]);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const text = formatEncrypted({ ...parts, [name]: changed });
        expect(codeOf(() => decryptScalar(str(text), key, "a:b:"))).toBe("integrity");
      }
    }
  });

  test("of a type that its text is not is an integrity error that does not show it", () => {
    for (const type of ["int", "float", "bool", "time", "comment"]) {
      const parts = parseEncrypted(textOf(encryptScalar(str("canary-not-a-number"), key, "a:")));
      if (parts === undefined) throw new Error("expected an encrypted value");
      let thrown: unknown;
      try {
        decryptScalar(str(formatEncrypted({ ...parts, type })), key, "a:");
      } catch (error) {
        thrown = error;
      }
      expect(isSecretsError(thrown) ? [thrown.code, thrown.message.includes("canary")] : thrown).toEqual([
        "integrity",
        false,
      ]);
    }
  });

  test.each([
    ["int", "+7", { type: "int", value: 7n }],
    ["int", "-0", { type: "int", value: 0n }],
    ["int", "9223372036854775808", undefined],
    ["int", "0x10", undefined],
    ["float", "1e3", { type: "float", value: 1000 }],
    ["float", "-Inf", { type: "float", value: -Infinity }],
    ["float", "1e999", undefined],
    ["float", "", undefined],
    ["bool", "true", { type: "bool", value: true }],
    ["bool", "0", { type: "bool", value: false }],
    ["bool", "yes", undefined],
    ["time", "2020-01-01T00:00:00.500+00:00", { type: "time", value: "2020-01-01T00:00:00.5Z" }],
    ["time", "2020-13-01T00:00:00Z", undefined],
  ] as const)("of type %s with the text `%s` is read as Go reads it", (type, text, expected) => {
    const parts = parseEncrypted(textOf(encryptScalar(str(text === "" ? " " : text), key, "a:")));
    if (parts === undefined) throw new Error("expected an encrypted value");
    const read = () => decryptScalar(str(formatEncrypted({ ...parts, type })), key, "a:");
    const code = codeOf(read);
    expect(code === "none" ? read() : code).toEqual(expected ?? "integrity");
  });
});

test("the vector of SOPS's own tests decrypts, in its place alone", () => {
  // getsops/sops v3.13.2, aes/cipher_test.go.
  const vector =
    "ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]";
  const theirKey = createSecretKey(Buffer.from("f".repeat(32)));
  expect(decryptScalar(str(vector), theirKey, associatedData(["bar"]))).toEqual(str("foo"));
  expect(codeOf(() => decryptScalar(str(vector), theirKey, ""))).toBe("integrity");
});

describe("the text of an encrypted value", () => {
  const text = textOf(encryptScalar(str("a value"), key, "a:"));

  test("is accepted in one spelling only", () => {
    const parts = parseEncrypted(text);
    expect(parts && formatEncrypted(parts)).toBe(text);
    const short = formatEncrypted({
      ...(parts ?? { data: Buffer.alloc(1), tag: Buffer.alloc(16), type: "str" }),
      iv: Buffer.alloc(12),
    });
    for (const other of [
      `${text} `,
      ` ${text}`,
      `${text}\n`,
      text.replace("type:str", "type:text"),
      text.replace("AES256_GCM", "AES256_CBC"),
      text.replace(/==?,type/, ",type"),
      text.replace(/data:[^,]+/, "data:"),
      text.replace("iv:", "iv:!"),
      short,
      "ENC[]",
      "",
    ]) {
      expect(parseEncrypted(other)).toBeUndefined();
    }
  });

  test("whatever is parsed is formatted to the same text", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(..."ABCxyz019+/=,:[]"), (at, character) => {
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const parts = parseEncrypted(changed);
        return parts === undefined || formatEncrypted(parts) === changed;
      }),
    );
  });
});

test("a comment in the place of a value is refused, whatever it says", () => {
  const comment = textOf(encryptScalar(str("note"), key, ":")).replace(",type:str]", ",type:comment]");
  expect(parseEncrypted(comment)?.type).toBe("comment");
  expect(codeOf(() => decryptScalar(str(comment), key, ":"))).toBe("integrity");
});

test("the place of a value is its keys; indices of lists are left out", () => {
  expect(associatedData(["users", 0, "token"])).toBe("users:token:");
  expect(associatedData([])).toBe(":");
});
