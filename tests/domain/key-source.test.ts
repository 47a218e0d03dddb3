import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKeySource, programOfKey, keyVariablesOf, variablesOfKey } from "../../src/domain/key-source.js";
import type { OptionTable } from "../../src/domain/store.js";

describe("a key option", () => {
  it.each<[unknown, unknown]>([
    ["keys/mine", { kind: "file", file: "keys/mine", passphrase: undefined }],
    [{ file: "k" }, { kind: "file", file: "k", passphrase: undefined }],
    [
      { file: "k", passphrase: { fd: 3 } },
      { kind: "file", file: "k", passphrase: { kind: "fd", descriptor: 3 } },
    ],
    [{ env: "STORE_KEY" }, { kind: "env", variable: "STORE_KEY" }],
    [{ fd: 4 }, { kind: "fd", descriptor: 4 }],
    [{ command: ["op", "read", "x"] }, { kind: "command", argv: ["op", "read", "x"] }],
    [
      { keychain: { account: "this/project" } },
      { kind: "keychain", keyring: "os", service: "mxm-secrets", account: "this/project" },
    ],
    [
      { file: "k", passphrase: { keychain: { account: "a", service: "s", keyring: "kernel" } } },
      {
        kind: "file",
        file: "k",
        passphrase: { kind: "keychain", keyring: "kernel", service: "s", account: "a" },
      },
    ],
  ])("%j is understood", (value, source) => {
    expect(parseKeySource(value)).toEqual({ source });
  });

  it.each<[unknown, readonly unknown[], string]>([
    ["", [], "expected the path"],
    [3, [], "expected a file"],
    [null, [], "expected a file"],
    [{}, [], "expected a file"],
    [{ env: "A", fd: 3 }, [], "expected a file"],
    [{ env: "A B" }, ["env"], "expected the name"],
    [{ fd: 1 }, ["fd"], "expected the number"],
    [{ fd: "3" }, ["fd"], "expected the number"],
    [{ command: "op read" }, ["command"], "expected a list"],
    [{ command: [] }, ["command"], "expected a list"],
    [{ command: ["op", 3] }, ["command"], "expected a list"],
    [{ keychain: "this-project" }, ["keychain"], "expected `{ account }`"],
    [{ keychain: {} }, ["keychain", "account"], "expected the account"],
    [{ keychain: { account: "../a" } }, ["keychain", "account"], "expected"],
    [{ keychain: { account: "a", service: "" } }, ["keychain", "service"], "expected a text"],
    [{ keychain: { account: "a", keyring: "krenel" } }, ["keychain", "keyring"], "expected `os` or `kernel`"],
    [{ keychain: { acount: "a" } }, ["keychain", "acount"], "unknown key"],
    [{ keychain: { account: "a", service: "a:b", keyring: "kernel" } }, ["keychain", "service"], "expected no `:`"],
    [{ file: "k", passphrase: { keychain: {} } }, ["passphrase", "keychain", "account"], "expected the account"],
    [{ file: 3 }, ["file"], "expected the path"],
    [{ file: "k", passphrase: "words" }, ["passphrase"], "expected one of"],
    [{ file: "k", passphrase: { env: 1 } }, ["passphrase", "env"], "expected the name"],
    [{ file: "k", pasphrase: { env: "P" } }, ["pasphrase"], "unknown key"],
    [{ env: "A", other: 1 }, ["other"], "unknown key"],
  ])("%j is refused with its place", (value, path, message) => {
    const parsed = parseKeySource(value);
    expect("problems" in parsed && parsed.problems[0]).toMatchObject({
      path,
      message: expect.stringContaining(message),
    });
  });

  it("of any shape is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = parseKeySource(value);
        expect("source" in parsed || parsed.problems.length > 0).toBe(true);
      }),
    );
  });

  it("that runs a program is one that trust asks about", () => {
    const programs = [{ command: ["op"] }, { file: "k", passphrase: { command: ["op"] } }];
    for (const value of programs) {
      expect(parseKeySource(value)).toHaveProperty("source");
      expect(programOfKey(value)).toBeDefined();
    }
  });
});

it.each<[unknown, readonly string[]]>([
  ["file", []],
  [{ env: "A" }, ["A"]],
  [{ file: "k", passphrase: { env: "B" } }, ["B"]],
  [{ command: ["env"] }, []],
  [null, []],
])("the variables of %j are %j", (source, variables) => {
  expect(variablesOfKey(source)).toEqual(variables);
});

it("the variables of a store are those its keys name, else the usual ones of its kind", () => {
  const table: OptionTable = {
    key: { type: "key", description: "", usualVariables: ["USUAL"] },
    path: { type: "string", description: "" },
  };
  expect(keyVariablesOf(table, { path: "USUAL_NOT" })).toEqual(["USUAL"]);
  expect(keyVariablesOf(table, { key: { env: "OWN" } })).toEqual(["OWN"]);
  expect(keyVariablesOf(table, { key: "file" })).toEqual([]);
});
