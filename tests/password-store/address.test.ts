import { expect, test } from "vitest";
import { parseAddress } from "../../src/password-store/address.js";

test("everything after the first `#` of a path is the key", () => {
  expect(parseAddress("a/b")).toEqual({ entry: "a/b", key: undefined });
  expect(parseAddress("a/b#user")).toEqual({ entry: "a/b", key: "user" });
  expect(parseAddress("a/b#x#y")).toEqual({ entry: "a/b", key: "x#y" });
  expect(parseAddress("a/b#")).toEqual({ entry: "a/b", key: "" });
});
