import { expect, test } from "vitest";
import { keychainBackend } from "../../src/backends/keychain.js";
import { isolatedContext } from "../support/context.js";

const open = (options: Readonly<Record<string, unknown>>) =>
  keychainBackend.open({ name: "desk", options }, isolatedContext());

test.each<[Readonly<Record<string, unknown>>, string]>([
  [{ keyring: "Kernel" }, "stores.desk.keyring: expected `os` or `kernel`"],
  [{ keyring: 1 }, "stores.desk.keyring: expected `os` or `kernel`"],
  [{ service: "" }, "stores.desk.service: expected a text that is not empty"],
  [{ service: "a\nb" }, "stores.desk.service: expected a text without control characters"],
  [{ service: "\ud800" }, "stores.desk.service: expected a text without control characters"],
  [{ service: 3 }, "stores.desk.service: expected a text without control characters"],
  [{ service: "x".repeat(256) }, "stores.desk.service: expected at most 255 characters"],
  [{ service: "a:b", keyring: "kernel" }, "stores.desk.service: expected no `:` in the kernel keyring"],
])("%j is refused", (options, message) => {
  expect(() => open(options)).toThrow(message);
});

test("opening a store asks nothing", () => {
  for (const options of [{}, { keyring: "kernel" }, { service: "com.example:app" }]) {
    expect(Object.keys(open(options)).toSorted()).toEqual(["check", "delete", "read", "readMany", "write"]);
  }
});
