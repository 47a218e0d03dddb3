import { randomBytes } from "node:crypto";
import { IntegrityError } from "../errors.js";

/*
 * Shamir's secret sharing over GF(2⁸) with the polynomial x⁸ + x⁴ + x³ + x + 1, as SOPS and HashiCorp Vault have it: each
 * byte of the secret has a polynomial of its own, and a share is the values at one x, followed by that x.
 */

/**
 * Splits a secret into shares.
 *
 * @param count - how many, 2 to 255; share number i (from 1) is the value at x = i
 * @param threshold - how many of them give the secret back, from 2
 * @param random - a source of random bytes
 * @returns shares of one byte more than the secret
 * @throws RangeError for numbers that make no sense
 */
export function splitSecret(
  secret: Uint8Array,
  count: number,
  threshold: number,
  random: (size: number) => Uint8Array = randomBytes,
): readonly Buffer[] {
  if (!(threshold >= 2 && count >= threshold && count <= 255) || secret.length === 0) {
    throw new RangeError("expected a secret, and a threshold from 2 up to the number of shares");
  }
  const shares = Array.from({ length: count }, (_, index) => {
    const share = Buffer.alloc(secret.length + 1);
    share[secret.length] = index + 1;
    return share;
  });
  for (const [at, byte] of secret.entries()) {
    const coefficients = [...random(threshold - 1)];
    for (const share of shares) {
      const x = share[secret.length] ?? 0;
      // Horner's rule, from the highest coefficient down to the secret.
      share[at] = add(
        multiply(
          coefficients.reduceRight((sum, next) => add(multiply(sum, x), next), 0),
          x,
        ),
        byte,
      );
    }
  }
  return shares;
}

/**
 * The secret that enough shares were made of. Too few, or altered ones, give another secret: nothing here can tell.
 *
 * @throws IntegrityError when they cannot be shares of one secret
 */
export function combineShares(shares: readonly Uint8Array[]): Buffer {
  const length = (shares[0]?.length ?? 0) - 1;
  const places = shares.map((share) => share[length] ?? 0);
  if (shares.length < 2 || length < 1 || shares.some((share) => share.length !== length + 1)) {
    throw new IntegrityError("the parts of the data key do not fit together");
  }
  if (new Set(places).size !== places.length || places.includes(0)) {
    throw new IntegrityError("two groups hold the same part of the data key");
  }
  // The value at 0 of Lagrange's polynomial that is 1 at this share and 0 at all others.
  const weights = places.map((x) =>
    places.reduce((product, other) => (other === x ? product : multiply(product, divide(other, add(other, x)))), 1),
  );
  const secret = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    secret[at] = shares.reduce((sum, share, index) => add(sum, multiply(share[at] ?? 0, weights[index] ?? 0)), 0);
  }
  return secret;
}

function add(one: number, other: number): number {
  return one ^ other;
}

/** Without branches or tables that depend on the numbers. */
function multiply(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (-(product >> 7) & 0x11b) ^ (-((other >> bit) & 1) & one);
  }
  return product;
}

/** By Fermat: the inverse in a field of 256 elements is the 254th power. */
function divide(one: number, other: number): number {
  let inverse = 1;
  for (let bit = 7; bit >= 0; bit--) {
    inverse = multiply(inverse, inverse);
    if (bit > 0) inverse = multiply(inverse, other);
  }
  return multiply(one, inverse);
}
