import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { combineShares, splitSecret } from "../../src/sops/shamir.js";

const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe("splitting a secret", () => {
  test("any shares that are enough give it back, in any order", () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 2, max: 8 }),
        fc.integer({ min: 0, max: 6 }),
        fc.infiniteStream(fc.nat()),
        (secret, threshold, more, order) => {
          const shares = splitSecret(secret, threshold + more, threshold);
          const shuffled = shares
            .map((share) => ({ share, rank: order.next().value ?? 0 }))
            .toSorted((a, b) => a.rank - b.rank);
          const some = shuffled.slice(0, threshold).map(({ share }) => share);
          expect(combineShares(some)).toEqual(Buffer.from(secret));
          expect(combineShares(shares)).toEqual(Buffer.from(secret));
        },
      ),
    );
  });

  test("a share is one byte longer than the secret and ends with its number", () => {
    expect(splitSecret(new Uint8Array(32), 3, 2).map((share) => [share.length, share[32]])).toEqual([
      [33, 1],
      [33, 2],
      [33, 3],
    ]);
  });

  test("the share of a fixed polynomial is the value computed by hand: 0x53 + 0xCA·x", () => {
    // 0x53 · 0xCA = 1 in this field, so that at x = 0x53 the value would be 0x53 + 1.
    const shares = splitSecret(Uint8Array.of(0x53), 255, 2, () => Uint8Array.of(0xca));
    expect(shares[0x52]?.[0]).toBe(0x53 ^ 0x01);
    expect(shares[0]?.[0]).toBe(0x53 ^ 0xca);
    expect(shares[1]?.[0]).toBe(0x53 ^ (0xca << 1) ^ 0x11b);
  });

  test("numbers that make no sense are refused", () => {
    for (const [count, threshold] of [
      [1, 1],
      [2, 1],
      [2, 3],
      [256, 2],
      [2, Number.NaN],
    ] as const) {
      expect(() => splitSecret(new Uint8Array(4), count, threshold)).toThrow(RangeError);
    }
    expect(() => splitSecret(new Uint8Array(0), 2, 2)).toThrow(RangeError);
  });
});

test("shares that cannot be of one secret are an integrity error", () => {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = splitSecret(new Uint8Array(4), 2, 2);
  for (const shares of [[], [first], [first, first], [first, second.subarray(1)], [first, Buffer.alloc(5)]]) {
    expect(errorOf(() => combineShares(shares))).toBe("integrity");
  }
});

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isSecretsError(error) ? error.code : "foreign";
  }
  return "none";
}
