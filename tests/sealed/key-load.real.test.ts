import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Encrypter } from "age-encryption";
import { describe, expect, test } from "vitest";
import type { KeySource, TextSource } from "../../src/domain/key-source.js";
import { writeEntry } from "../../src/keychain/client.js";
import { loadIdentities } from "../../src/sealed/key-load.js";
import { scratchDirectory } from "../support/directory.js";
import { failure } from "../support/keychain-backend.js";
import { identityOf, identityTextOf } from "../support/sealed-store.js";
import { hasSecretService, startBus, startSecretService } from "../support/secret-service.js";

const inKeychain = (account: string): TextSource & KeySource => ({
  kind: "keychain",
  keyring: "os",
  service: "mxm-secrets",
  account,
});

const load = async (source: KeySource, environment: Readonly<Record<string, string>>, directory = scratchDirectory()) =>
  (
    await loadIdentities(source, {
      baseDirectory: directory,
      storeFile: join(directory, "secrets.enc"),
      environment,
      allowInsecurePermissions: false,
    })
  ).map(({ recipient }) => recipient);

describe.skipIf(!hasSecretService)("a key in the keychain", () => {
  test("is an identity file, as a key file is one", async () => {
    const { environment, secretTool } = await startSecretService();
    const text = `# public key: age1…\n${identityTextOf("a")}\n`;
    secretTool(["store", "--label=key", "service", "mxm-secrets", "username", "this-project"], text);
    expect(await load(inKeychain("this-project"), environment)).toEqual([(await identityOf("a")).recipient]);
  });

  test("may be the passphrase of a key file", async () => {
    const { environment, secretTool } = await startSecretService();
    secretTool(["store", "--label=key", "service", "mxm-secrets", "username", "passphrase"], "correct horse");
    const directory = scratchDirectory();
    const encrypter = new Encrypter();
    encrypter.setPassphrase("correct horse");
    encrypter.setScryptWorkFactor(4);
    writeFileSync(join(directory, ".key"), await encrypter.encrypt(`${identityTextOf("a")}\n`));
    chmodSync(join(directory, ".key"), 0o600);
    const source: KeySource = { kind: "file", file: ".key", passphrase: inKeychain("passphrase") };
    expect(await load(source, environment, directory)).toEqual([(await identityOf("a")).recipient]);
  });

  test("that is absent, too long, malformed, locked or out of reach is said each in its own way", async () => {
    const { environment, secretTool, lock } = await startSecretService();
    const store = (account: string, text: string) =>
      secretTool(["store", "--label=key", "service", "mxm-secrets", "username", account], text);
    // The desktop's client cuts what is so long.
    const keychain = { keyring: "os" as const, service: "mxm-secrets", environment };
    await writeEntry(keychain, "long", Buffer.alloc(70_000, "#"), undefined);
    store("malformed", identityTextOf("a").slice(0, -4));
    const codeAndMessage = async (account: string) => {
      const { code, message } = await failure(load(inKeychain(account), environment));
      return `${code}: ${message}`;
    };
    const place = (account: string) =>
      `locked: the key is expected in the keychain as \`${account}\` of the service \`mxm-secrets\``;
    expect(await codeAndMessage("absent")).toBe(`${place("absent")}, which is not there`);
    expect(await codeAndMessage("long")).toBe(`${place("long")}, which is too long for one`);
    expect(await codeAndMessage("malformed")).toBe(
      "locked: `keychain mxm-secrets malformed` line 1 is not an age identity",
    );
    lock();
    expect(await codeAndMessage("malformed")).toBe("locked: the keychain is locked, or did not allow the access");
    const headless = await startBus();
    expect(await failure(load(inKeychain("malformed"), headless.environment))).toMatchObject({
      code: "unavailable",
      reason: "unreachable",
      message: expect.stringMatching(/^there is no keychain here/),
    });
  });
});
