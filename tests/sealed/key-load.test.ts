import { execFileSync } from "node:child_process";
import { chmodSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter, armor } from "age-encryption";
import { describe, expect, it } from "vitest";
import { loadIdentities } from "../../src/sealed/key-load.js";
import type { KeySurroundings } from "../../src/sealed/key-load.js";
import type { KeySource } from "../../src/domain/key-source.js";
import { scratchDirectory } from "../support/directory.js";
import { identityOf, identityTextOf } from "../support/sealed-store.js";
import { isWithoutGit } from "../support/programs.js";

const around = (directory: string, overrides: Partial<KeySurroundings> = {}): KeySurroundings => ({
  baseDirectory: directory,
  storeFile: join(directory, "secrets.enc"),
  environment: {},
  allowInsecurePermissions: false,
  ...overrides,
});
const keyFile: KeySource = { kind: "file", file: ".key", passphrase: undefined };

function writeKey(directory: string, text: string | Uint8Array, mode = 0o600): void {
  writeFileSync(join(directory, ".key"), text);
  chmodSync(join(directory, ".key"), mode);
}

const recipients = async (source: KeySource, surroundings: KeySurroundings): Promise<string[]> =>
  (await loadIdentities(source, surroundings)).map((identity) => identity.recipient);

const askPassphrase = async () => "correct horse";
const command = (...argv: [string, ...string[]]): KeySource => ({ kind: "command", argv });

describe("a key file", () => {
  it("as age-keygen writes it, with comments and several identities, is read", async () => {
    const directory = scratchDirectory();
    writeKey(
      directory,
      `# created: now\n# public key: age1…\n${identityTextOf("a")}\r\r\n\r\r\n\n${identityTextOf("b", "hybrid")}\n`,
    );
    expect(await recipients(keyFile, around(directory))).toEqual([
      (await identityOf("a")).recipient,
      (await identityOf("b", "hybrid")).recipient,
    ]);
  });

  it("that is malformed is refused with its line, and never quoted", async () => {
    const directory = scratchDirectory();
    const text = identityTextOf("a").replace(/.$/, "!");
    writeKey(directory, `# comment\n${text}\n`);
    const error: unknown = await loadIdentities(keyFile, around(directory)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "locked", message: expect.stringMatching(/line 2 is not an age identity$/) });
    expect(JSON.stringify(error) + String(error)).not.toContain(text.slice(0, 40));
  });

  it("that is empty, missing, open to others, no file, or too large is refused, each in its own words", async () => {
    const directory = scratchDirectory();
    await expect(recipients(keyFile, around(directory))).rejects.toMatchObject({
      code: "locked",
      message: expect.stringContaining("is missing"),
      hint: expect.stringContaining("the values must be entered again"),
    });
    writeKey(directory, "# only a comment\n");
    await expect(recipients(keyFile, around(directory))).rejects.toThrow(/holds no age identity/);
    writeKey(directory, "x".repeat(70_000));
    await expect(recipients(keyFile, around(directory))).rejects.toThrow(/too large/);
    writeKey(directory, identityTextOf("a"), 0o640);
    await expect(recipients(keyFile, around(directory))).rejects.toThrow(
      /open to the group or to others \(mode 0640\)/,
    );
    expect(await recipients(keyFile, around(directory, { allowInsecurePermissions: true }))).toHaveLength(1);
    await expect(recipients({ ...keyFile, file: "." }, around(directory))).rejects.toThrow(/not a regular file/);
  });

  it.skipIf(isWithoutGit)("that git tracks is refused, also through a link to it", async () => {
    const directory = scratchDirectory();
    writeKey(directory, identityTextOf("a"));
    const git = (...words: string[]) =>
      execFileSync("git", words, { cwd: directory, env: { PATH: process.env["PATH"] ?? "", HOME: directory } });
    git("init", "-q");
    symlinkSync(".key", join(directory, "link"));
    expect(await recipients(keyFile, around(directory))).toHaveLength(1);
    git("add", "-f", ".key");
    for (const file of [".key", "link"]) {
      await expect(recipients({ ...keyFile, file }, around(directory))).rejects.toMatchObject({
        code: "configuration",
        message: expect.stringContaining("is tracked by git"),
      });
    }
  });
});

const protectedKey = async (armored: boolean): Promise<string | Uint8Array> => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase("correct horse");
  encrypter.setScryptWorkFactor(4);
  const bytes = await encrypter.encrypt(`${identityTextOf("a")}\n`);
  return armored ? armor.encode(bytes) : bytes;
};

describe("a key file protected by a passphrase", () => {
  it.each([true, false])(
    "opens by the environment, the configured source and a prompt (armored: %s)",
    async (armored) => {
      const directory = scratchDirectory();
      writeKey(directory, await protectedKey(armored));
      const expected = [(await identityOf("a")).recipient];
      const environment = { MXM_SECRETS_PASSPHRASE: "correct horse", OTHER: "correct horse\n" };
      expect(await recipients(keyFile, around(directory, { environment }))).toEqual(expected);
      const configured: KeySource = { ...keyFile, passphrase: { kind: "env", variable: "OTHER" } };
      expect(await recipients(configured, around(directory, { environment }))).toEqual(expected);
      expect(await recipients(keyFile, around(directory, { askPassphrase }))).toEqual(expected);
    },
  );

  it("stays locked without one, and with a wrong one that is not repeated", async () => {
    const directory = scratchDirectory();
    writeKey(directory, await protectedKey(false));
    await expect(recipients(keyFile, around(directory))).rejects.toThrow(/protected by a passphrase/);
    const environment = { MXM_SECRETS_PASSPHRASE: "wrong words" };
    const error: unknown = await recipients(keyFile, around(directory, { environment })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "locked" });
    expect(String(error)).not.toContain("wrong words");
  });
});

describe("other sources", () => {
  it("are an environment variable, which must be set", async () => {
    const source: KeySource = { kind: "env", variable: "STORE_KEY" };
    const directory = scratchDirectory();
    expect(
      await recipients(source, around(directory, { environment: { STORE_KEY: identityTextOf("a") } })),
    ).toHaveLength(1);
    await expect(recipients(source, around(directory))).rejects.toThrow(/`STORE_KEY`, which is not set/);
  });

  it("are an open file descriptor", async () => {
    const directory = scratchDirectory();
    writeKey(directory, identityTextOf("a"));
    const descriptor = openSync(join(directory, ".key"), "r");
    expect(await recipients({ kind: "fd", descriptor }, around(directory))).toHaveLength(1);
    await expect(recipients({ kind: "fd", descriptor: 987 }, around(directory))).rejects.toThrow(/descriptor 987/);
  });

  it("are a program's output: not started, failing, printing too much and cancelled are told apart", async () => {
    const directory = scratchDirectory();
    writeKey(directory, identityTextOf("a"));
    expect(await recipients(command("cat", ".key"), around(directory))).toHaveLength(1);
    await expect(recipients(command("no-such-program"), around(directory))).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(recipients(command("false"), around(directory))).rejects.toThrow(/failed with exit code 1/);
    await expect(recipients(command("yes"), around(directory))).rejects.toThrow(/printed more/);
    const controller = new AbortController();
    const waiting = recipients(command("sleep", "20"), around(directory, { signal: controller.signal }));
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  });
});
