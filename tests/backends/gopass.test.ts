import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { BackendContext } from "../../src/backends/contract.js";
import { gopassBackend } from "../../src/backends/gopass.js";
import { isSecretsError } from "../../src/errors.js";
import { scratchDirectory } from "../support/directory.js";

const canary = "canary-5f1d";
const context = (parts: Partial<BackendContext> = {}): BackendContext => ({
  baseDirectory: "/nonexistent",
  environment: { PATH: process.env["PATH"] },
  stateDirectory: "/nonexistent",
  now: Date.now,
  keyholdersFor: () => undefined,
  openStore: () => {
    throw new Error("gopass opens no other store");
  },
  allowInsecurePermissions: false,
  ...parts,
});
const open = (options: Readonly<Record<string, unknown>>, parts: Partial<BackendContext> = {}) =>
  gopassBackend.open({ name: "red", options }, context(parts));
const readGrant = (path: string) => issueGrantForContract(path, "read");
const failureOf = async (work: Promise<unknown> | undefined) => {
  const thrown = await (work ?? Promise.resolve()).then(
    () => undefined,
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown : undefined;
};

/** A program that stands in for gopass, for states the real one cannot be brought to. */
function standIn(script: string): { readonly program: string; readonly log: string } {
  const directory = scratchDirectory();
  const program = join(directory, "gopass");
  const log = join(directory, "log");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\n${script}\n`);
  chmodSync(program, 0o755);
  return { program, log };
}

/** What Debian's package `gopass` 1.5.0 prints, word for word. */
const debian = `
case "$1" in
  version) echo "gopass v1.5.0" ;;
  ls) echo "Error: flag provided but not defined: -flat." >&2; echo "Usage: gopass find patterns..."; exit 1 ;;
  --version) echo "Error: flag provided but not defined: -version." >&2; echo "Usage: gopass show [pass-name]"; exit 1 ;;
  *) echo "unexpected" >&2; cat >/dev/null; exit 1 ;;
esac`;

describe("Debian's unrelated gopass", () => {
  test("is refused by name when reading, and by check", async () => {
    const { program } = standIn(debian);
    const error = await failureOf(open({ program }).read(readGrant("a"), {}));
    expect(error).toMatchObject({ code: "unavailable", reason: "not_installed" });
    expect(error?.message).toContain("Debian's unrelated program of that name (gopass v1.5.0)");
    expect(error?.hint).toContain("www.gopass.pw");
    const report = await open({ program }).check?.(["a"], {}, new Map());
    expect(report?.findings).toMatchObject([
      { severity: "problem", code: "unavailable", unavailable: "not_installed" },
    ]);
  });

  test("is never given a value", async () => {
    const { program, log } = standIn(debian);
    const value = new TextEncoder().encode(canary);
    const error = await failureOf(open({ program }).write?.(issueGrantForContract("a", "write"), value, {}));
    expect(error).toMatchObject({ code: "unavailable", reason: "not_installed" });
    expect(readFileSync(log, "utf8")).toBe("ls --flat\n--version\nversion\n");
  });
});

test("an old gopass is a warning", async () => {
  const { program } = standIn('case "$1" in --version) echo "gopass 1.12.0 go1.16 linux amd64" ;; esac');
  const report = await open(
    { program },
    { environment: { PATH: process.env["PATH"], GOPASS_GPG_BINARY: "true" } },
  ).check?.([], {}, new Map());
  expect(report?.findings).toContainEqual(
    expect.objectContaining({ severity: "warning", message: "gopass 1.12.0 is older than 1.15" }),
  );
});

test("what gopass prints on a failure is never shown", async () => {
  const { program } = standIn(
    `case "$1" in ls) echo a ;; *) echo '${canary}'; echo 'Decryption failed: ${canary}' >&2; exit 11 ;; esac`,
  );
  const error = await failureOf(open({ program }).read(readGrant("a"), {}));
  expect(error?.code).toBe("unavailable");
  expect(`${error?.message} ${error?.hint} ${error?.stack} ${String(error?.cause)}`).not.toContain(canary);
});

test("output that gpg did not vouch for is no value", async () => {
  const { program } = standIn(`case "$1" in ls) echo a ;; *) echo '${canary}' ;; esac`);
  expect((await failureOf(open({ program }).read(readGrant("a"), {})))?.code).toBe("unavailable");
});

test("a batch lists the store once and shows each entry once, whatever its keys", async () => {
  const { program, log } = standIn(
    `case "$1" in ls) printf 'a\\nb\\n' ;; show) printf '[GNUPG:] DECRYPTION_OKAY\\n[GNUPG:] GOODMDC\\n' >&3; printf 'pw\\nuser: bob\\n' ;; esac`,
  );
  const values = await open({ program }).readMany?.(["a", "a#1", "a#user", "b", "c", "c#1"].map(readGrant), {});
  expect(values?.map((value) => value && Buffer.from(value).toString())).toEqual([
    "pw\nuser: bob",
    "pw",
    "bob",
    "pw\nuser: bob",
    undefined,
    undefined,
  ]);
  expect(readFileSync(log, "utf8").split("\n").toSorted()).toEqual(
    ["", "ls --flat", "show --noparsing --nosync -- a", "show --noparsing --nosync -- b"].toSorted(),
  );
});

test("an absent entry is never shown, because gopass would print a folder as a tree", async () => {
  const { program, log } = standIn('case "$1" in ls) echo folder/a ;; show) echo tree ;; esac');
  expect(await open({ program }).read(readGrant("folder"), {})).toBeUndefined();
  expect(readFileSync(log, "utf8")).toBe("ls --flat\n");
});

test("a value is not handed over where no `.gpg-id` says who may read it", async () => {
  const directory = scratchDirectory();
  const { program, log } = standIn(`case "$1" in config) echo 'mounts.path = ${directory}' ;; esac`);
  const write = open({ program }).write?.(issueGrantForContract("a/b", "write"), new TextEncoder().encode(canary), {});
  expect(await failureOf(write)).toMatchObject({ code: "unavailable", reason: "unreachable" });
  expect(readFileSync(log, "utf8")).toBe("ls --flat\nconfig\n");
});

test("a store directory below `~` is found", async () => {
  const home = scratchDirectory();
  mkdirSync(join(home, "store"));
  writeFileSync(join(home, "store", ".gpg-id"), "0123456789ABCDEF\n");
  const { program } = standIn(`case "$1" in config) echo 'mounts.path = ~/store' ;; esac`);
  const environment = { PATH: process.env["PATH"], HOME: home, GOPASS_GPG_BINARY: "true" };
  const write = open({ program }, { environment }).write?.(issueGrantForContract("a", "write"), new Uint8Array(), {});
  expect(await failureOf(write)).toMatchObject({
    code: "locked",
    message: "cannot write `a`: no key of this machine is a recipient of the store",
  });
});

test("nothing is run without a grant, nor by opening the store", async () => {
  const { program, log } = standIn("exit 0");
  const backend = open({ program });
  expect((await failureOf(backend.write?.(readGrant("a"), new Uint8Array(), {})))?.code).toBe("denied");
  expect((await failureOf(backend.delete?.(readGrant("a"), {})))?.code).toBe("denied");
  expect((await failureOf(backend.read(issueGrantForContract("a", "write"), {})))?.code).toBe("denied");
  expect(existsSync(log)).toBe(false);
});

test("a removal that gopass finds nothing to do for is told as absent", async () => {
  const { program } = standIn('case "$1" in ls) echo a ;; rm) exit 10 ;; esac');
  expect(await open({ program }).delete?.(issueGrantForContract("a", "write"), {})).toBe(false);
});

test("list leaves out other folders and names that cannot be addressed, and says how many", async () => {
  const { program } = standIn("printf 'mxm/red/b\\nmxm/red/a\\nmxm/redder/x\\nother\\nmxm/red/has#hash\\n'");
  const lines: string[] = [];
  expect(await open({ program, root: "mxm/red" }).list?.({ trace: (line) => lines.push(line) })).toEqual(["a", "b"]);
  expect(lines).toEqual(["1 entries of gopass left out: their names cannot be addressed"]);
});

test("a program with a slash is taken from the directory of the configuration", async () => {
  const { program } = standIn("echo a");
  const backend = open({ program: "./gopass" }, { baseDirectory: join(program, "..") });
  expect(await backend.list?.({})).toEqual(["a"]);
});

test.each([
  [{ root: "../up" }, "root"],
  [{ root: "/abs" }, "root"],
  [{ root: "a#b" }, "root"],
  [{ root: ".git" }, "root"],
  [{ root: 7 }, "root"],
  [{ program: "" }, "program"],
  [{ program: ["a"] }, "program"],
  [{ push: "yes" }, "push"],
])("the options %j are refused with the option's path", (options, option) => {
  expect(() => open(options)).toThrow(
    expect.objectContaining({
      code: "configuration",
      problems: [expect.objectContaining({ path: ["stores", "red", option] })],
    }),
  );
});
