import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { BackendContext } from "../../src/backends/contract.js";
import { passBackend } from "../../src/backends/pass.js";
import { ConfigurationError } from "../../src/errors.js";
import { asNobody } from "../support/as-nobody.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { rejection } from "../support/scratch.js";

const open = (options: Readonly<Record<string, unknown>>, context: Partial<BackendContext> = {}) =>
  passBackend.open({ name: "red", options }, isolatedContext(context));

/** A program that stands in for gpg and notes how it is called. */
function standIn(script: string) {
  const directory = scratchDirectory();
  const program = join(directory, "gpg");
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { program, directory };
}

/** One session key and a little protected data, which no gpg could decrypt. */
const message = Buffer.concat([
  Buffer.of(0xc1, 12, 3, 1, 2, 3, 4, 5, 6, 7, 8, 18, 0, 0),
  Buffer.of(0xd2, 5, 1, 2, 3, 4, 5),
]);
function storeWith(name: string, content: Uint8Array = message): string {
  const root = scratchDirectory();
  writeFileSync(join(root, ".gpg-id"), "AA\n");
  writeFileSync(join(root, `${name}.gpg`), content);
  return root;
}

describe("options", () => {
  test.each([
    ["root", 1],
    ["root", ""],
    ["root", "a\0b"],
    ["program", ""],
    ["program", ["gpg"]],
    ["commit", "yes"],
  ])("%s: %j is refused when the store is opened, naming the option", (option, value) => {
    expect(() => open({ [option]: value })).toThrow(ConfigurationError);
    expect(() => open({ [option]: value })).toThrow(`stores.red.${option}: expected`);
  });

  test("those that run a program need trust", () => {
    const { root, program, commit } = passBackend.options;
    expect([program.needsTrust, commit.needsTrust]).toEqual(["runs a program", "runs a program"]);
    expect("needsTrust" in root).toBe(false);
  });

  test("opening a store touches nothing, wherever it is said to be", () => {
    expect(() => open({ root: "/nonexistent/store", program: "/nonexistent/gpg", commit: true })).not.toThrow();
  });

  test("`root` and a `program` with a `/` are taken from the configuration's directory", async () => {
    const { program, directory } = standIn("exit 3");
    const root = join(directory, "store");
    mkdirSync(root);
    writeFileSync(join(root, "v.gpg"), message);
    expect(program).toBe(join(directory, "gpg"));
    const store = open({ root: "store", program: "./gpg" }, { baseDirectory: directory });
    expect(await rejection(store.read(issueGrantForContract("v", "read"), {}))).toMatchObject({
      message: "gpg ended with exit code 3 while it decrypted `v`",
    });
  });
});

describe("a gpg that does not say what it must", () => {
  const status = (...lines: readonly string[]) => lines.map((line) => `echo '[GNUPG:] ${line}' >&3`).join("\n");
  const good = ["ENC_TO AA 18 0", "PLAINTEXT 62 0 ", "DECRYPTION_OKAY", "GOODMDC"];
  const read = async (script: string) => {
    const { program } = standIn(`cat >/dev/null\n${script}`);
    return open({ root: storeWith("v"), program }).read(issueGrantForContract("v", "read"), {});
  };

  test("all of it, and ending with 0, makes a value", async () => {
    expect(Buffer.from((await read(`${status(...good)}\necho value`)) ?? []).toString()).toBe("value");
  });

  test.each([
    ["nothing", "echo value"],
    ["no DECRYPTION_OKAY", `${status(...good.filter((line) => line !== "DECRYPTION_OKAY"))}\necho value`],
    ["no GOODMDC", `${status(...good.filter((line) => line !== "GOODMDC"))}\necho value`],
    ["two literals", `${status(...good, "PLAINTEXT 62 0 ")}\necho value`],
    ["another length", `${status(...good, "PLAINTEXT_LENGTH 3")}\necho value`],
    ["a failure by its exit code", `${status(...good)}\necho value\nexit 2`],
    [
      "the right words on standard output and error",
      `${status("ENC_TO AA 18 0")}\nprintf '[GNUPG:] DECRYPTION_OKAY\\n[GNUPG:] GOODMDC\\n' | tee /dev/stderr`,
    ],
    ["the right words, and being killed", `${status(...good)}\necho value\nkill -9 $$`],
  ])("%s: no value", async (_name, script) => {
    const error = await rejection(read(script));
    expect(error).toMatchObject({ code: expect.stringMatching(/^(?:integrity|unavailable)$/) });
    expect(String(error)).not.toContain("value");
  });

  test("its words on standard error are shown to nobody", async () => {
    const error = await rejection(read(`echo canary-5f1d >&2; exit 2`));
    expect(JSON.stringify([error, String(error)])).not.toContain("canary-5f1d");
  });
});

test("the environment of gpg is where keys, agents and terminals are, and nothing else", async () => {
  const { program, directory } = standIn(`env >"$HOME/seen"; exit 2`);
  const environment = {
    HOME: directory,
    PATH: process.env["PATH"],
    GNUPGHOME: "/g",
    GPG_TTY: "/dev/pts/9",
    OPENAI_API_KEY: "x",
    MXM_ROLE: "x",
    LD_PRELOAD: "x",
    LC_ALL: "de_DE",
    PASSWORD_STORE_DIR: storeWith("v"),
  };
  await rejection(open({ program }, { environment }).read(issueGrantForContract("v", "read"), {}));
  const { readFileSync } = await import("node:fs");
  const seen = readFileSync(join(directory, "seen"), "utf8").split("\n");
  expect(seen).toEqual(expect.arrayContaining(["GNUPGHOME=/g", "GPG_TTY=/dev/pts/9", "LC_ALL=C"]));
  expect(seen.filter((line) => /^(?:OPENAI|MXM|LD_|PASSWORD_STORE)/.test(line))).toEqual([]);
});

test("`PASSWORD_STORE_GPG_OPTS` is given to gpg, before what we ask of it", async () => {
  const { program, directory } = standIn(`printf '%s\\n' "$@" >"$HOME/seen"; exit 2`);
  const environment = {
    HOME: directory,
    PATH: process.env["PATH"],
    PASSWORD_STORE_GPG_OPTS: " --homedir /g  --status-fd 9",
  };
  const store = open({ root: storeWith("v"), program }, { environment });
  await rejection(store.read(issueGrantForContract("v", "read"), {}));
  const { readFileSync } = await import("node:fs");
  const seen = readFileSync(join(directory, "seen"), "utf8").split("\n");
  expect(seen.slice(0, 5)).toEqual(["--homedir", "/g", "--status-fd", "9", "--batch"]);
  expect(seen.lastIndexOf("3")).toBeGreaterThan(seen.indexOf("9"));
});

test("what is no regular file is no value: a folder, a pipe, a device", async () => {
  const root = storeWith("v");
  mkdirSync(join(root, "folder.gpg"));
  symlinkSync("/dev/zero", join(root, "zero.gpg"));
  const store = open({ root, program: "/nonexistent/gpg" });
  expect(await rejection(store.read(issueGrantForContract("folder", "read"), {}))).toMatchObject({
    code: "unavailable",
  });
  expect(await rejection(store.read(issueGrantForContract("zero", "read"), {}))).toMatchObject({ code: "unavailable" });
});

test("what the system does not let this user read is denied, and not absent", async () => {
  const root = storeWith("v");
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "folder/w.gpg"), message);
  const store = open({ root });
  const read = async (path: string) => await store.read(issueGrantForContract(path, "read"), {});
  expect(await read("absent")).toBeUndefined();
  expect(await store.list?.({})).toEqual(["folder/w", "v"]);
  chmodSync(root, 0o755);
  chmodSync(join(root, "v.gpg"), 0);
  chmodSync(join(root, "folder"), 0);
  onTestFinished(() => chmodSync(join(root, "folder"), 0o700));
  await asNobody(async () => {
    for (const use of [read("v"), read("folder/w"), store.list?.({})]) {
      await expect(use).rejects.toMatchObject({
        code: "denied",
        message: expect.stringMatching(
          /^the system does not let this user read `.*(v\.gpg|w\.gpg|folder)`: permission/,
        ),
      });
    }
  });
});

test("a file longer than any value is refused before gpg sees it", async () => {
  const root = storeWith("v", Buffer.alloc(24 * 1024 * 1024 + 1, 0xd2));
  const store = open({ root, program: "/nonexistent/gpg" });
  expect(await rejection(store.read(issueGrantForContract("v", "read"), {}))).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("is longer than 25165824 bytes"),
  });
});
