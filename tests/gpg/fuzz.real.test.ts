import { rmSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { AnySecretsError } from "../../src/errors.js";
import { decryptManyWithGpg } from "../../src/gpg/decrypt-many.js";
import { unarmored } from "../../src/gpg/armor.js";
import { gpgEnvironment } from "../../src/gpg/environment.js";
import { messageShape } from "../../src/gpg/openpgp.js";
import { flips, fuzzRuns, mutate, mutations } from "../support/fuzz.js";
import { makeMachine, must, removeMachine, shortDirectory } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { isWithoutGpg } from "../support/programs.js";

const numRuns = fuzzRuns(25);
const damage = fc.oneof({ weight: 1, arbitrary: mutations }, { weight: 3, arbitrary: flips });
const hours = 6 * 60 * 60 * 1000;

describe.skipIf(isWithoutGpg)("messages of the real gpg, damaged at random", { timeout: hours }, () => {
  let base: string;
  let machine: GopassMachine;
  let messages: readonly Buffer[];
  beforeAll(() => {
    base = shortDirectory();
    machine = makeMachine(base, "bridge");
    const encrypt = (...options: readonly string[]) =>
      must(machine, "gpg", ["--batch", "--quiet", ...options, "-e", "-r", machine.fingerprint], "the value\n");
    messages = [encrypt(), encrypt("--compress-algo", "none"), encrypt("--armor"), encrypt("--sign")];
  }, 60_000);
  afterAll(() => {
    removeMachine(machine);
    rmSync(base, { recursive: true, force: true });
  });

  /** What must come of it: every value as it was, or an error that names the damaged one and no value. */
  const told = (found: readonly string[] | AnySecretsError, position: number): string => {
    if (!isSecretsError(found)) {
      return found.every((value) => value === "the value\n") ? "integrity, or locked, or the value" : "another value";
    }
    const isKnown = found.code === "integrity" || found.code === "locked";
    const isNamed = found.message.includes(`\`${position}\``) && !found.message.includes("the value");
    return isKnown && isNamed ? "integrity, or locked, or the value" : `${found.code}: ${found.message}`;
  };
  const decrypt = async (ciphertexts: readonly Buffer[]) => {
    const gpg = { program: "gpg", environment: gpgEnvironment(machine.environment) };
    const named = ciphertexts.map((ciphertext, index) => ({
      ciphertext,
      subject: { value: `\`${index}\``, file: `the file of \`${index}\`` },
    }));
    try {
      const plaintexts = await decryptManyWithGpg(gpg, named, {});
      return plaintexts.map((plaintext) => Buffer.from(plaintext).toString("latin1"));
    } catch (error) {
      if (!isSecretsError(error)) throw error;
      return error;
    }
  };

  test("give their value or an error of their own, alone", async () => {
    const codes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), damage, async (which, changes) => {
        const damaged = mutate(messages[which] ?? Buffer.alloc(0), changes);
        const isForGpg = messageShape(unarmored(damaged) ?? damaged) === "encrypted";
        const found = await decrypt([damaged]);
        const outcome = `${Array.isArray(found) ? "value" : found.code}${isForGpg ? ", said gpg" : ""}`;
        codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
        expect(told(found, 0)).toBe("integrity, or locked, or the value");
      }),
      { numRuns },
    );
    process.stdout.write(`${numRuns} damaged messages: ${JSON.stringify(Object.fromEntries(codes))}\n`);
  });

  test("and no other one's, among others", async () => {
    const good = Array.from({ length: 9 }, (_, index) => messages[index % 2] ?? Buffer.alloc(0));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 3 }), fc.nat({ max: 9 }), damage, async (which, position, changes) => {
        const damaged = mutate(messages[which] ?? Buffer.alloc(0), changes);
        const found = await decrypt(good.toSpliced(position, 0, damaged));
        expect(told(found, position)).toBe("integrity, or locked, or the value");
      }),
      { numRuns: Math.ceil(numRuns / 5) },
    );
  });
});
