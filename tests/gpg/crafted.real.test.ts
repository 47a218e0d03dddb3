import { rmSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { decryptManyWithGpg } from "../../src/gpg/decrypt-many.js";
import { gpgEnvironment } from "../../src/gpg/environment.js";
import { makeMachine, must, removeMachine, shortDirectory } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { literal, packet, sealedAnew } from "../support/openpgp.js";
import { isWithoutGpg } from "../support/programs.js";

describe.skipIf(isWithoutGpg)(
  "messages with a true integrity code around what somebody crafted",
  { timeout: 60_000 },
  () => {
    let base: string;
    let machine: GopassMachine;
    let good: Buffer;
    beforeAll(() => {
      base = shortDirectory();
      machine = makeMachine(base, "bridge");
      good = must(
        machine,
        "gpg",
        ["--batch", "--quiet", "--cipher-algo", "AES256", "-e", "-r", machine.fingerprint],
        "good",
      );
    }, 60_000);
    afterAll(() => {
      removeMachine(machine);
      rmSync(base, { recursive: true, force: true });
    });

    const decrypt = async (messages: readonly Buffer[]) => {
      const named = messages.map((ciphertext, index) => ({
        ciphertext,
        subject: { value: `\`${index}\``, file: `the file of \`${index}\`` },
      }));
      const gpg = { program: "gpg", environment: gpgEnvironment(machine.environment) };
      return (await decryptManyWithGpg(gpg, named, {})).map((plaintext) => Buffer.from(plaintext).toString());
    };
    const outcome = async (messages: readonly Buffer[]) => {
      try {
        return (await decrypt(messages)).join();
      } catch (error) {
        if (!isSecretsError(error)) throw error;
        return `${error.code}: ${error.message}`;
      }
    };
    const compressed = (inner: Buffer) => packet(8, Buffer.concat([Buffer.of(1), deflateRawSync(inner)]));

    test("one literal is its value, plain or compressed, whoever wrote the message", async () => {
      expect(await decrypt([sealedAnew(machine, good, literal("value"))])).toEqual(["value"]);
      expect(await decrypt([sealedAnew(machine, good, compressed(literal("value")))])).toEqual(["value"]);
    });

    test.each([
      ["two literals", () => Buffer.concat([literal("a"), literal("b")])],
      ["a literal and a compressed one", () => Buffer.concat([literal("a"), compressed(literal("b"))])],
      ["two literals in one compression", () => compressed(Buffer.concat([literal("a"), literal("b")]))],
      ["nothing", () => Buffer.alloc(0)],
      ["a literal that is cut short", () => literal("value").subarray(0, -2)],
      ["bytes that are no packet", () => Buffer.from("value")],
      ["another encrypted message", () => good],
      ["a literal and another encrypted message", () => Buffer.concat([literal("a"), good])],
    ])("%s: no value, alone and among others", async (_name, inner) => {
      const crafted = sealedAnew(machine, good, inner());
      expect(await outcome([crafted])).toMatch(/^integrity: the file of `0` is damaged$/);
      const among = Array.from({ length: 12 }, () => good).with(8, crafted);
      expect(await outcome(among)).toMatch(/^integrity: the file of `8` is damaged$/);
    });

    test("after a compressed literal gpg reads no further: the value is that one, never both", async () => {
      const two = Buffer.concat([compressed(literal("a")), compressed(literal("b"))]);
      expect(await decrypt([sealedAnew(machine, good, two)])).toEqual(["a"]);
    });

    test("compressed a thousand times over, it is refused before it fills the memory", async () => {
      const bomb = sealedAnew(machine, good, compressed(literal("0".repeat(20_000_000))));
      expect(bomb.length).toBeLessThan(32 * 1024);
      const among = Array.from({ length: 12 }, () => good).with(8, bomb);
      expect(await outcome(among)).toContain("unavailable: `gpg` printed more than");
    });
  },
);
