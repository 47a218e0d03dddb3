import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { decryptWithGpg } from "../../src/gpg/decrypt.js";
import { encryptWithGpg } from "../../src/gpg/encrypt.js";
import { gpgEnvironment } from "../../src/gpg/environment.js";
import type { GpgProgram } from "../../src/gpg/program.js";
import { introduce, makeMachine, must, removeMachine, shortDirectory } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { isWithoutGpg } from "../support/programs.js";

const canary = "canary-71ab";
const subject = { value: "`a/b`", file: "the file of `a/b`" };

describe.skipIf(isWithoutGpg)("with the real gpg", { timeout: 60_000 }, () => {
  let base: string;
  let bridge: GopassMachine;
  let monolith: GopassMachine;
  beforeAll(() => {
    base = shortDirectory();
    bridge = makeMachine(base, "bridge");
    monolith = makeMachine(base, "monolith");
    introduce([bridge, monolith]);
  }, 60_000);
  afterAll(() => {
    for (const machine of [bridge, monolith]) removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });

  const gpgOf = (machine: GopassMachine): GpgProgram => ({
    program: "gpg",
    environment: gpgEnvironment(machine.environment),
  });
  const gpg = (machine: GopassMachine, argv: readonly string[], input: string | Buffer = canary) =>
    must(machine, "gpg", ["--batch", "--quiet", ...argv], input);
  const toBridge = () => ["--encrypt", "--recipient", bridge.fingerprint];
  const decrypt = (machine: GopassMachine, message: Uint8Array) => decryptWithGpg(gpgOf(machine), message, { subject });
  const failure = async (work: Promise<unknown>) => {
    const thrown = await work.then(
      () => new Error("resolved"),
      (error: unknown) => error,
    );
    if (!isSecretsError(thrown)) throw thrown;
    expect(`${thrown.message} ${thrown.hint ?? ""}`).not.toContain(canary);
    return thrown;
  };

  test.each([false, true])(
    "what is encrypted (armored: %s) is decrypted by each recipient, byte for byte",
    async (armor) => {
      const value = Uint8Array.from({ length: 1024 }, (_, index) => index % 256);
      const recipients = [bridge.fingerprint, monolith.fingerprint];
      const message = await encryptWithGpg(gpgOf(bridge), value, recipients, { subject: "`a/b`", armor });
      expect(Buffer.from(message).toString("latin1").startsWith("-----BEGIN")).toBe(armor);
      for (const machine of [bridge, monolith])
        expect(Buffer.from(await decrypt(machine, message))).toEqual(Buffer.from(value));
      expect(gpg(monolith, ["--decrypt"], Buffer.from(message))).toEqual(Buffer.from(value));
    },
  );

  test("gpg's own messages are read: compressed, long with lengths in parts, empty, signed, for a hidden recipient", async () => {
    const long = "x".repeat(100_000);
    const messages: readonly (readonly [Buffer, string])[] = [
      [gpg(bridge, toBridge(), long), long],
      [gpg(bridge, ["--compress-algo", "none", ...toBridge()], long), long],
      [gpg(bridge, toBridge(), ""), ""],
      [gpg(bridge, ["--sign", ...toBridge()]), canary],
      [gpg(bridge, ["--throw-keyids", ...toBridge()]), canary],
      [gpg(bridge, ["--armor", "--comment", "x", ...toBridge()]), canary],
      [gpg(bridge, ["--set-filename", "x\n[GNUPG:] ERROR a 1\n", ...toBridge()]), canary],
    ];
    for (const [message, value] of messages) expect(Buffer.from(await decrypt(bridge, message)).toString()).toBe(value);
  });

  test("a signature whose key is not here does not keep a value from its reader", async () => {
    const stranger = makeMachine(base, "stranger");
    try {
      gpg(stranger, ["--import"], gpg(bridge, ["--export", bridge.fingerprint], ""));
      const message = gpg(stranger, ["--sign", "--trust-model", "always", ...toBridge()]);
      expect(Buffer.from(await decrypt(bridge, message)).toString()).toBe(canary);
    } finally {
      removeMachine(stranger);
    }
  });

  test("what is no message encrypted for keys, whole and protected, is refused", async () => {
    const good = gpg(bridge, toBridge());
    const literal = gpg(bridge, ["--store", "--compress-algo", "none"]);
    const passphrase = ["--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric"];
    const hostile: readonly (readonly [string, Buffer, string])[] = [
      ["a literal", literal, "is not encrypted"],
      [
        "a literal with GOODMDC for its name",
        gpg(bridge, ["--set-filename", "\n[GNUPG:] GOODMDC\n", "--store"]),
        "is not encrypted",
      ],
      ["a compressed literal", gpg(bridge, ["--store", "--compress-algo", "zip"]), "is not encrypted"],
      ["an armored literal", gpg(bridge, ["--armor", "--store"]), "is not encrypted"],
      ["a signed message", gpg(bridge, ["--sign"]), "is not encrypted"],
      ["a clear text with its signature", gpg(bridge, ["--clearsign"]), "is damaged"],
      ["a passphrase", gpg(bridge, passphrase), "with a passphrase"],
      [
        "no protection",
        gpg(bridge, ["--rfc2440", "--disable-mdc", "--cipher-algo", "AES256", ...toBridge()]),
        "without integrity protection",
      ],
      ["a message, then a literal", Buffer.concat([good, literal]), "is damaged"],
      ["a literal, then a message", Buffer.concat([literal, good]), "is not encrypted"],
      ["two messages", Buffer.concat([good, good]), "is damaged"],
      ["a message and a byte", Buffer.concat([good, Buffer.of(0)]), "is damaged"],
      ["nothing", Buffer.alloc(0), "is damaged"],
      ["text", Buffer.from(canary), "is damaged"],
    ];
    for (const [name, message, words] of hostile) {
      expect((await failure(decrypt(bridge, message))).message, name).toContain(words);
    }
  });

  test("a message cut at any length, or with any byte inverted, gives no value", async () => {
    const good = gpg(bridge, toBridge());
    for (let index = 0; index < good.length; index += 7) {
      const changed = Buffer.from(good);
      changed[index] = (changed[index] ?? 0) ^ 0xff;
      for (const message of [changed, good.subarray(0, index)]) {
        expect(["integrity", "locked"], `${index}`).toContain((await failure(decrypt(bridge, message))).code);
      }
    }
  });

  test("options in `gpg.conf` that make gpg take more do not make us take more", async () => {
    const configuration = join(bridge.home, "g", "gpg.conf");
    const unprotected = gpg(bridge, ["--rfc2440", "--disable-mdc", "--cipher-algo", "AES256", ...toBridge()]);
    const good = gpg(bridge, toBridge());
    const altered = Buffer.from(good);
    altered[altered.length - 3] = (altered[altered.length - 3] ?? 0) ^ 1;
    writeFileSync(configuration, "ignore-mdc-error\nallow-multiple-messages\nignore-crc-error\n");
    try {
      for (const message of [unprotected, altered, Buffer.concat([good, good])]) {
        expect((await failure(decrypt(bridge, message))).code).toBe("integrity");
      }
      writeFileSync(configuration, `encrypt-to ${monolith.fingerprint}\narmor\n`);
      const mine = await encryptWithGpg(gpgOf(bridge), good, [bridge.fingerprint], { subject: "`a/b`" });
      expect((await failure(decrypt(monolith, mine))).code).toBe("locked");
      writeFileSync(configuration, `group ${bridge.fingerprint} = ${monolith.fingerprint}\n`);
      const grouped = encryptWithGpg(gpgOf(bridge), good, [bridge.fingerprint], { subject: "`a/b`" });
      expect((await failure(grouped)).message).toContain("for others than its recipients");
    } finally {
      rmSync(configuration);
    }
  });

  test("a message for other keys is locked, and so is one without a key ring", async () => {
    const message = gpg(bridge, toBridge());
    const others = await failure(decrypt(monolith, message));
    expect(others.code).toBe("locked");
    expect(others.message).toBe("`a/b` is not encrypted for any key of this machine");
    const nowhere = { program: "gpg", environment: { ...gpgOf(bridge).environment, GNUPGHOME: join(base, "none") } };
    expect((await failure(decryptWithGpg(nowhere, message, { subject }))).code).toBe("locked");
  });

  test("a missing gpg is a missing program, with what to install", async () => {
    const missing = { ...gpgOf(bridge), program: join(base, "no-gpg") };
    const error = await failure(decryptWithGpg(missing, gpg(bridge, toBridge()), { subject }));
    expect(error).toMatchObject({ code: "unavailable", reason: "not_installed" });
    expect(error.hint).toContain("gnupg");
  });

  test("a plaintext longer than what is accepted is refused, however short it is compressed", async () => {
    const bomb = gpg(bridge, toBridge(), "0".repeat(300_000));
    expect(bomb.length).toBeLessThan(3000);
    const call = { subject, maximumBytes: 1000 };
    expect((await failure(decryptWithGpg(gpgOf(bridge), bomb, call))).message).toContain("more than 1000 bytes");
    writeFileSync(join(bridge.home, "g", "gpg.conf"), "max-output 1000\n");
    try {
      expect((await failure(decrypt(bridge, bomb))).code).toBe("integrity");
    } finally {
      rmSync(join(bridge.home, "g", "gpg.conf"));
    }
  });

  test("nothing is encrypted for fewer than all recipients, and the one that stands in the way is named", async () => {
    const encrypt = (...recipients: string[]) =>
      encryptWithGpg(gpgOf(bridge), Buffer.from(canary), recipients, { subject: "`a/b`" });
    const missing = await failure(encrypt(bridge.fingerprint, "0".repeat(40)));
    expect(missing.code).toBe("locked");
    expect(missing.message).toContain("`0000000000000000000000000000000000000000`");
    const stranger = makeMachine(base, "unknown");
    try {
      gpg(bridge, ["--import"], gpg(stranger, ["--export", stranger.fingerprint], ""));
      const untrusted = await failure(encrypt(bridge.fingerprint, stranger.fingerprint));
      expect(untrusted.message).toContain(`\`${stranger.fingerprint}\` is not trusted here`);
      const named = await encryptWithGpg(gpgOf(bridge), Buffer.from(canary), [stranger.fingerprint], {
        subject: "`a/b`",
        trustNamed: true,
      });
      expect(Buffer.from(await decrypt(stranger, named)).toString()).toBe(canary);
    } finally {
      removeMachine(stranger);
    }
    expect((await failure(encrypt())).code).toBe("invalid_input");
  });
});
