import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptAge, requireValue } from "../../src/age/decrypt.js";
import type { AgeOutcome } from "../../src/age/decrypt.js";
import { encryptAge, encryptAgeToPassphrase } from "../../src/age/encrypt.js";
import { parseIdentities, passphraseIdentity } from "../../src/age/identities.js";
import { parseRecipients } from "../../src/age/recipients.js";
import { IntegrityError, LockedError } from "../../src/errors.js";
import { recipientOf } from "../support/age-tree.js";
import { ageVectors } from "../support/age-vectors.js";
import { identityTextOf } from "../support/sealed-store.js";

/** How many mutated files are tried; `MXM_FUZZ_RUNS=100000` for a long run. */
const runs = Number(process.env["MXM_FUZZ_RUNS"] ?? 2_000);

/** Cut, flip, insert, remove, repeat, swap: what disks, merges and people do to files. */
type Mutation = (file: Buffer, at: number, amount: number) => Buffer;
const mutations: readonly Mutation[] = [
  (file, at) => file.subarray(0, at),
  (file, at) => file.subarray(at),
  (file, at, amount) => {
    const changed = Buffer.from(file);
    changed[at] = (changed[at] ?? 0) ^ ((amount % 255) + 1);
    return changed;
  },
  (file, at, amount) => Buffer.concat([file.subarray(0, at), Buffer.of(amount % 256), file.subarray(at)]),
  (file, at, amount) => Buffer.concat([file.subarray(0, at), file.subarray(at + (amount % 64) + 1)]),
  (file, at, amount) => Buffer.concat([file.subarray(0, at + (amount % 200)), file.subarray(at)]),
  (file, at) => Buffer.concat([file.subarray(at), file.subarray(0, at)]),
  (file, at, amount) => {
    const lines = file.toString("latin1").split("\n");
    const [line = ""] = lines.splice(at % lines.length, 1);
    lines.splice(amount % (lines.length + 1), 0, line);
    return Buffer.from(lines.join("\n"), "latin1");
  },
];

/** White space around an armored file is accepted, and a mutation may change nothing: then the value is right. */
function verdictOn(outcome: AgeOutcome, value: Buffer): string {
  try {
    return requireValue(outcome, "vault/entry.age").equals(value) ? "sound" : "a wrong value";
  } catch (error) {
    if (!(error instanceof LockedError) && !(error instanceof IntegrityError)) throw error;
    const { message, hint } = error;
    const isLocated = message.startsWith("cannot decrypt `vault/entry.age`: ");
    return isLocated && !`${message} ${hint}`.includes("canary") ? "sound" : `${message} ${hint}`;
  }
}

describe("a mutated file", () => {
  it(
    `gives its value, or an error that names it and shows nothing of it (${runs} files)`,
    { timeout: 3_600_000 },
    async () => {
      const value = Buffer.from("canary-7c1e".repeat(20));
      const one = parseRecipients([await recipientOf("a"), await recipientOf("b"), await recipientOf("c")], "the test");
      const resistant = parseRecipients([await recipientOf("a", "hybrid")], "the test");
      const long = Buffer.concat([value, Buffer.alloc(70_000, 1)]);
      const originals: { readonly value: Buffer; readonly file: Buffer }[] = [
        { value, file: await encryptAge(value, one) },
        { value, file: await encryptAge(value, one, { armored: true }) },
        { value: long, file: await encryptAge(long, one) },
        { value, file: await encryptAge(value, resistant) },
        { value, file: await encryptAgeToPassphrase(value, "horse", { workFactor: 1, armored: true }) },
      ];
      const readers = ageVectors.filter(({ expected, identities }) => {
        return expected === "success" && identities.every(({ kind }) => kind !== "passphrase");
      });
      for (const { file, identities } of readers.filter(({ file: { length } }) => length < 4096)) {
        originals.push({ value: requireValue(await decryptAge(file, identities), "the vector"), file });
      }
      const text = [identityTextOf("z"), identityTextOf("b"), identityTextOf("a", "hybrid")].join("\n");
      // All of the vectors are for one of two keys.
      const foreign = (["x25519", "hybrid"] as const).flatMap((kind) => {
        return readers.flatMap(({ identities }) => identities).find((identity) => identity.kind === kind) ?? [];
      });
      const identities = [...parseIdentities(text, "the test"), passphraseIdentity("horse"), ...foreign];
      const step = fc.tuple(fc.constantFrom(...mutations), fc.nat(), fc.nat());
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...originals),
          fc.array(step, { minLength: 1, maxLength: 3 }),
          async (original, steps) => {
            const mutated = steps.reduce(
              (file, [mutate, at, amount]) => mutate(file, at % (file.length + 1), amount),
              original.file,
            );
            expect(verdictOn(await decryptAge(mutated, identities), original.value)).toBe("sound");
          },
        ),
        { numRuns: runs },
      );
    },
  );
});
