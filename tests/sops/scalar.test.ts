import { expect, test } from "vitest";
import { floatText, scalarBytes } from "../../src/sops/scalar.js";

test.each([
  [0, "0"],
  [-0, "-0"],
  [1, "1"],
  [1.5, "1.5"],
  [-0.1, "-0.1"],
  [1e21, "1000000000000000000000"],
  [1.5e22, "15000000000000000000000"],
  [1.234e-9, "0.000000001234"],
  [5e-324, `0.${"0".repeat(323)}5`],
  [Number.MAX_VALUE, `17976931348623157${"0".repeat(292)}`],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [Number.NaN, "NaN"],
])("%s is hashed as SOPS writes it, without exponent", (value, expected) => {
  expect(floatText(value)).toBe(expected);
});

test("booleans are in title case, integers whole, null is nothing", () => {
  const texts = [
    { type: "bool", value: true } as const,
    { type: "int", value: -(2n ** 63n) } as const,
    { type: "time", value: "2001-01-01T00:00:00Z" } as const,
  ].map((scalar) => Buffer.from(scalarBytes(scalar) ?? []).toString());
  expect(texts).toEqual(["True", "-9223372036854775808", "2001-01-01T00:00:00Z"]);
  expect(scalarBytes({ type: "null" })).toBeUndefined();
});
