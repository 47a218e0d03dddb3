import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeSecretKey } from "../../src/age/secret-key.js";
import type { KeySource } from "../../src/domain/key-source.js";
import { isSecretsError } from "../../src/errors.js";
import { findIdentities } from "../../src/sops/identity-sources.js";
import { scratchDirectory } from "../support/directory.js";

const identity = (byte: number) => encodeSecretKey("x25519", Buffer.alloc(32, byte));
const optionsFor = (
  environment: Readonly<Record<string, string>>,
  parts: { readonly key?: KeySource; readonly runsKeyCommand?: boolean } = {},
) => ({
  key: parts.key,
  runsKeyCommand: parts.runsKeyCommand ?? false,
  surroundings: { baseDirectory: scratchDirectory(), environment, allowInsecurePermissions: false },
});
/** How many identities each source gives, or the code of its failure. */
const found = async (options: ReturnType<typeof optionsFor>) =>
  Promise.all(
    findIdentities(options).sources.map(async (source) => {
      try {
        return (await source.load("age1recipient", undefined)).length;
      } catch (error) {
        return isSecretsError(error) ? error.code : error;
      }
    }),
  );
const privateFile = (file: string, text: string) => {
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return file;
};

describe("age identities", () => {
  test("come from SOPS_AGE_KEY, several on a line and with comments", async () => {
    const text = `# created: today\n${identity(1)} ${identity(2)}\n\n${identity(3)}\n`;
    expect(await found(optionsFor({ SOPS_AGE_KEY: text }))).toEqual([3]);
  });

  test("come from the file of SOPS_AGE_KEY_FILE, which must be there and private", async () => {
    const directory = scratchDirectory();
    const file = privateFile(join(directory, "keys.txt"), `${identity(1)}\n`);
    expect(await found(optionsFor({ SOPS_AGE_KEY_FILE: file }))).toEqual([1]);
    chmodSync(file, 0o644);
    expect(await found(optionsFor({ SOPS_AGE_KEY_FILE: file }))).toEqual(["locked"]);
    expect(await found(optionsFor({ SOPS_AGE_KEY_FILE: join(directory, "none") }))).toEqual(["locked"]);
  });

  test.skipIf(process.platform !== "linux")(
    "come from the user's own file at last, which need not be there",
    async () => {
      const home = scratchDirectory();
      expect(await found(optionsFor({ HOME: home }))).toEqual([0]);
      mkdirSync(join(home, ".config/sops/age"), { recursive: true });
      privateFile(join(home, ".config/sops/age/keys.txt"), `${identity(1)}\n`);
      expect(await found(optionsFor({ HOME: home, SOPS_AGE_KEY: `${identity(2)} ${identity(3)}` }))).toEqual([2, 1]);
      expect(await found(optionsFor({ HOME: home, XDG_CONFIG_HOME: join(home, ".config") }))).toEqual([1]);
      expect(await found(optionsFor({ HOME: home, XDG_CONFIG_HOME: "/nonexistent" }))).toEqual([0]);
    },
  );

  test("come from the `key` of the store alone when it has one", async () => {
    const options = optionsFor(
      { SOPS_AGE_KEY: identity(1), MINE: identity(2), HOME: scratchDirectory() },
      { key: { kind: "env", variable: "MINE" } },
    );
    expect(await found(options)).toEqual([1]);
  });

  test("that are SSH keys are refused with a word about it", async () => {
    const file = privateFile(join(scratchDirectory(), "id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    const [source] = findIdentities(optionsFor({ SOPS_AGE_KEY_FILE: file })).sources;
    await expect(source?.load("", undefined)).rejects.toThrow("SSH keys are not supported");
  });
});

describe("the program of SOPS_AGE_KEY_CMD", () => {
  const commandIn = (directory: string) => {
    const log = join(directory, "log");
    const program = join(directory, "key command");
    writeFileSync(program, `#!/bin/sh\nenv >'${log}'\nprintf '%s\\n' "$1"\n`);
    chmodSync(program, 0o755);
    return { log, command: `'${program}' ${identity(1)}` };
  };

  test("is not run, not even looked at, unless the store says so; and that is said", async () => {
    const { command } = commandIn(scratchDirectory());
    const options = optionsFor({ SOPS_AGE_KEY_CMD: command });
    expect(findIdentities(options).sources).toEqual([]);
    expect(findIdentities(options).hint).toContain("`key_command: true`");
  });

  test("is run without a shell, given the recipient, and sees no variable of ours", async () => {
    const directory = scratchDirectory();
    const { log, command } = commandIn(directory);
    const environment = { SOPS_AGE_KEY_CMD: command, MXM_ROLE: "x", PATH: "/usr/bin:/bin" };
    expect(await found(optionsFor(environment, { runsKeyCommand: true }))).toEqual([1]);
    const seen = readFileSync(log, "utf8");
    expect(seen).toContain("SOPS_AGE_RECIPIENT=age1recipient\n");
    expect(seen).not.toContain("MXM_ROLE");
  });

  test("that fails or is no command is a locked store", async () => {
    for (const command of ["/bin/false", "'unclosed", "/bin/echo nothing"]) {
      expect(await found(optionsFor({ SOPS_AGE_KEY_CMD: command }, { runsKeyCommand: true }))).toEqual(["locked"]);
    }
  });
});
