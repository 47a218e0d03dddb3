import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/errors.js";
import type { SopsFormat, SopsScalar } from "../../src/sops/document.js";
import { sameScalar, scalarOfValue, typeChange, valueOfScalar } from "../../src/sops/values.js";

const format = (name: SopsFormat["name"]): SopsFormat => ({
  name,
  extensions: [],
  parse: () => Promise.reject(new TypeError("not used")),
  create: () => Promise.reject(new TypeError("not used")),
});
const yaml = format("yaml");
const str = (value: string): SopsScalar => ({ type: "str", value });
const int: SopsScalar = { type: "int", value: 1n };
const float: SopsScalar = { type: "float", value: 1.5 };
const bool: SopsScalar = { type: "bool", value: true };

test.each<[SopsScalar, string | undefined]>([
  [str("a\nb"), "a\nb"],
  [str(""), ""],
  [{ type: "int", value: -9223372036854775808n }, "-9223372036854775808"],
  [{ type: "float", value: 1e21 }, "1000000000000000000000"],
  [bool, "true"],
  [{ type: "bool", value: false }, "false"],
  [{ type: "time", value: "2020-01-01T00:00:00Z" }, "2020-01-01T00:00:00Z"],
  [{ type: "bytes", value: Buffer.from([0xff]) }, "\u00ff"],
  [{ type: "null" }, undefined],
])("the value of %o is %j", (scalar, text) => {
  const value = valueOfScalar(scalar);
  expect(value && Buffer.from(value).toString("latin1")).toBe(text);
});

describe("a value to write", () => {
  test.each<[string, SopsScalar | undefined, SopsScalar]>([
    ["5", int, { type: "int", value: 5n }],
    ["-5", int, { type: "int", value: -5n }],
    ["9223372036854775807", int, { type: "int", value: 9223372036854775807n }],
    ["9223372036854775808", int, str("9223372036854775808")],
    ["05", int, str("05")],
    ["+5", int, str("+5")],
    ["5.0", int, str("5.0")],
    ["2.25", float, { type: "float", value: 2.25 }],
    ["2.50", float, str("2.50")],
    ["1e3", float, str("1e3")],
    ["", float, str("")],
    ["false", bool, { type: "bool", value: false }],
    ["False", bool, str("False")],
    ["5", undefined, str("5")],
    ["5", str("a"), str("5")],
    ["5", { type: "null" }, str("5")],
    ["2020-01-01T00:00:00Z", { type: "time", value: "2019-01-01T00:00:00Z" }, str("2020-01-01T00:00:00Z")],
  ])("%j in the place of %o is %o", (text, before, after) => {
    expect(scalarOfValue(Buffer.from(text), before, yaml)).toEqual(after);
  });

  test("that is not UTF-8 is refused by every format but binary", () => {
    const value = Buffer.from([0xff, 0xfe]);
    for (const name of ["yaml", "json", "dotenv", "ini"] as const) {
      expect(() => scalarOfValue(value, undefined, format(name))).toThrow(InvalidInputError);
    }
    expect(scalarOfValue(value, undefined, format("binary"))).toEqual({ type: "bytes", value });
  });
});

test("a change of type is said, except where nothing was", () => {
  expect(typeChange(int, str("x"), "a")).toBe("`a` was of the type int and is text now");
  for (const before of [undefined, str("a"), { type: "null" } as const]) {
    expect(typeChange(before, str("x"), "a")).toBeUndefined();
  }
});

test("two scalars are the same by type and bytes", () => {
  expect(sameScalar(str("1"), str("1"))).toBe(true);
  expect(sameScalar(str("1"), int)).toBe(false);
  expect(sameScalar(str("1"), str("2"))).toBe(false);
});
