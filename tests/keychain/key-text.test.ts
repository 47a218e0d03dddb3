import { expect, test, vi } from "vitest";
import { keychainBackend } from "../../src/backends/keychain.js";
import { makeAgeTree, openAgeTree, plantAge, readAge } from "../support/age-tree.js";
import { isolatedContext } from "../support/context.js";
import { failure, read } from "../support/keychain-backend.js";

vi.mock("node:module", async (original) => ({
  ...(await original<object>()),
  createRequire: () => ({
    resolve: (name: string) => {
      throw new Error(`Cannot find module '${name}'`);
    },
  }),
}));

test("a chain passes over a keychain that is not there, and no store whose key would be in it", async () => {
  const desk = keychainBackend.open({ name: "desk", options: {} }, isolatedContext());
  expect(await failure(read(desk, "a"))).toMatchObject({ code: "unavailable", reason: "not_installed" });
  const tree = await makeAgeTree();
  await plantAge(tree, "a", "value");
  const vault = openAgeTree(tree, { key: { keychain: { account: "a" } } });
  expect(await failure(readAge(vault, "a"))).toMatchObject({
    code: "unavailable",
    reason: "unreachable",
    message: "the package `@napi-rs/keyring` is not installed for this system",
    hint: expect.stringContaining("npm install"),
  });
});
