import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { gopassBackend } from "../../src/backends/gopass.js";
import { insert, makeMachine, makeStore, must, removeMachine } from "../support/gopass.js";
import { bytes, gopass, makeTeam, open, read, removeTeam, write } from "../support/gopass-backend.js";
import type { Team } from "../support/gopass-backend.js";

describe.skipIf(gopass === undefined)("values and names that pass through the real gopass", { timeout: 60_000 }, () => {
  let team: Team;
  beforeAll(() => {
    team = makeTeam();
  }, 60_000);
  afterAll(() => removeTeam(team));

  test.each([
    ["no newline", "one line"],
    ["an empty value", ""],
    ["several trailing newlines", "a\n\n\n"],
    ["newlines only", "\n\n"],
    ["carriage returns", "a\r\nb\r\n"],
    ["a carriage return at the end", "a\r"],
    ["NUL", "a\0b"],
    ["bytes that are no UTF-8", "\xff\xfe\n"],
    ["a reference of gopass", "gopass://marketdata/databento"],
    ["the old header of gopass", "GOPASS-SECRET-1.0\nbody"],
    ["the old header alone", "GOPASS-SECRET-1.0"],
    ["what looks like gopass's binary form", "\ncontent-transfer-encoding: Base64\nYWJj\n"],
    ["YAML", "pw\n---\na: 0123\n"],
    ["a private key", "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n"],
    ["what looks like an option", "--help"],
  ])("%s: the value comes back byte for byte", async (_name, value) => {
    const store = open(team.bridge);
    await write(store, "bytes/value", Buffer.from(value, "latin1"));
    expect(await read(store, "bytes/value")).toBe(value);
  });

  test("every byte and a value of 1 MiB come back byte for byte, as text and as binary", async () => {
    const store = open(team.bridge);
    const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index)).toString("latin1");
    for (const value of [every, "x".repeat(1024 * 1024), `${every}\r\n`.repeat(4096)]) {
      await write(store, "bytes/large", Buffer.from(value, "latin1"));
      expect((await read(store, "bytes/large")) === value).toBe(true);
    }
  });

  test("`gopass fsck --decrypt`, which encrypts everything again, leaves every value as it was", async () => {
    const separate = makeMachine(team.base, "fsck");
    try {
      makeStore(separate, { "": [separate] }, gopass);
      const pem = "-----BEGIN KEY-----\nProc-Type: 4\n\nAAAA\n-----END KEY-----";
      const plain = [
        "",
        "\n",
        "a\n\n",
        "a\r\n",
        "\0",
        "\xff",
        "pw\nuser: 0123\n",
        "GOPASS-SECRET-1.0\nx",
        "GOPASS-SECRET-1.0",
      ];
      const yaml = [
        "pw\n---\npin: 0123",
        "pw\n---",
        "---\npin: 0123",
        " --- \n",
        "pw\n---: 0123",
        "pw\n--- {pin: 0123}",
      ];
      const blocks = [pem, `pw\n${pem}`, `${pem}\n${pem}\nuser: 0123`, `${pem}\nuser: 0123\n---\npin: 0123`];
      const values = [...plain, ...yaml, ...blocks];
      const store = open(separate);
      for (const [index, value] of values.entries()) await write(store, `v${index}`, Buffer.from(value, "latin1"));
      const before = readFileSync(join(separate.store, "v1.gpg"));
      must(separate, gopass ?? "gopass", ["fsck", "--decrypt"]);
      expect(readFileSync(join(separate.store, "v1.gpg"))).not.toEqual(before);
      expect(await Promise.all(values.map((_value, index) => read(store, `v${index}`)))).toEqual(values);
    } finally {
      removeMachine(separate);
    }
  });

  test("what `gopass cat` stored is read decoded, and what is written as binary can be read by `gopass cat`", async () => {
    insert(team.bridge, "bytes/ignored", "x\n", gopass);
    must(team.bridge, gopass ?? "gopass", ["cat", "bytes/cat"], Buffer.from([0, 1, 2, 13, 10]));
    expect(await read(open(team.bridge), "bytes/cat")).toBe("\0\x01\x02\r\n");
    await write(open(team.bridge), "bytes/nul", Buffer.from("a\0b"));
    // `gopass cat` takes a standard input that is no terminal for a new value.
    const script = `exec '${gopass}' cat bytes/nul </dev/null`;
    expect(must(team.bridge, "sh", ["-c", script]).toString("latin1")).toBe("a\0b");
  });

  test.each([
    "with space",
    " lead",
    "trail ",
    "dot.ted",
    "ü€",
    "a:b",
    "a=b",
    "a@b",
    "*",
    "~",
    "$HOME",
    "%20",
    "%s",
    'a"b',
    "'",
    "x.gpg",
    ".hidden",
    "..x",
    "a,b;c|d&e",
    "n".repeat(251),
  ])("the name `%s` is stored, listed, read and removed", async (name) => {
    const store = open(team.bridge);
    const path = `odd/${name}`;
    expect(gopassBackend.paths.fault(path)).toBeUndefined();
    await write(store, path, bytes("v"));
    expect(await store.list?.({})).toContain(path);
    expect(await read(store, path)).toBe("v");
    expect(await store.delete?.(issueGrantForContract(path, "write"), {})).toBe(true);
    expect(await read(store, path)).toBeUndefined();
  });
});
