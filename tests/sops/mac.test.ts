import { createHash, createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { SopsScalar } from "../../src/sops/document.js";
import { computeMac, sealMac, verifyMac } from "../../src/sops/mac.js";

const key = createSecretKey(Buffer.alloc(32, 7));
const time = "2026-11-29T18:00:00Z";
const sha512 = (text: string) => createHash("sha512").update(text).digest("hex").toUpperCase();
const leaf = (scalar: SopsScalar, encrypted = true) => ({ scalar, encrypted });
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isSecretsError(error) ? error.code : "foreign";
  }
  return "none";
};

describe("the MAC", () => {
  test("is over the text of every value in order, null left out", () => {
    const leaves = [
      leaf({ type: "str", value: "a" }),
      leaf({ type: "bool", value: true }),
      leaf({ type: "null" }),
      leaf({ type: "float", value: 1e21 }),
      leaf({ type: "int", value: -3n }, false),
      leaf({ type: "time", value: "2020-01-01T00:00:00Z" }),
    ];
    expect(computeMac(leaves, false)).toBe(sha512("aTrue1000000000000000000000-32020-01-01T00:00:00Z"));
  });

  test("with `mac_only_encrypted` begins with the digest of `sops` and leaves out what is not encrypted", () => {
    const start = createHash("sha256").update("sops").digest();
    const expected = createHash("sha512").update(start).update("a").digest("hex").toUpperCase();
    expect(computeMac([leaf({ type: "str", value: "a" }), leaf({ type: "str", value: "b" }, false)], true)).toBe(
      expected,
    );
  });

  test("is accepted when it is the one computed", () => {
    const mac = sha512("a");
    expect(codeOf(() => verifyMac(sealMac(mac, key, time), mac, key, time))).toBe("none");
  });

  test("is refused when it is missing, another, shorter, for another time, or does not decrypt", () => {
    const mac = sha512("a");
    const sealed = sealMac(mac, key, time);
    const refused = [
      () => verifyMac(undefined, mac, key, time),
      () => verifyMac("", mac, key, time),
      () => verifyMac(sealMac(sha512("b"), key, time), mac, key, time),
      () => verifyMac(sealMac(mac.toLowerCase(), key, time), mac, key, time),
      () => verifyMac(sealMac("AB", key, time), mac, key, time),
      () => verifyMac(sealed, mac, key, "2026-11-29T18:00:01Z"),
      () => verifyMac("not encrypted", mac, key, time),
      () => verifyMac(sealed, mac, createSecretKey(Buffer.alloc(32)), time),
    ];
    expect(refused.map(codeOf)).toEqual(refused.map(() => "integrity"));
  });
});
