import { Decrypter, Encrypter, armor } from "age-encryption";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBech32 } from "../../src/age/bech32.js";
import { decryptAge, isForOneOf, parseAge } from "../../src/age/decrypt.js";
import { encryptAge, encryptAgeToPassphrase } from "../../src/age/encrypt.js";
import { parseIdentities, passphraseIdentity } from "../../src/age/identities.js";
import { parseRecipients } from "../../src/age/recipients.js";
import { recipientOf } from "../support/age-tree.js";
import { identityTextOf } from "../support/sealed-store.js";

const identity = (phrase: string, kind: "x25519" | "hybrid" = "x25519") =>
  parseIdentities(identityTextOf(phrase, kind), "the test");
const recipients = async (phrases: readonly string[], kind: "x25519" | "hybrid" = "x25519") =>
  parseRecipients(await Promise.all(phrases.map(async (phrase) => recipientOf(phrase, kind))), "the test");
/** Around the ends of the chunks of a payload, 64 KiB. */
const lengths = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000];

describe("a file encrypted here", () => {
  it.each(lengths)("with %i bytes is read by age-encryption, and here what that wrote", async (length) => {
    const plaintext = Buffer.alloc(length, 7);
    for (const armored of [false, true]) {
      const file = await encryptAge(plaintext, await recipients(["a", "b"]), { armored });
      const decrypter = new Decrypter();
      decrypter.addIdentity(identityTextOf("b"));
      const binary = armored ? armor.decode(file.toString()) : file;
      expect(Buffer.from(await decrypter.decrypt(binary)).equals(plaintext)).toBe(true);
    }
    const encrypter = new Encrypter();
    encrypter.addRecipient(await recipientOf("a"));
    const file = await encrypter.encrypt(plaintext);
    for (const bytes of [Buffer.from(file), Buffer.from(armor.encode(file))]) {
      const outcome = await decryptAge(bytes, identity("a"));
      expect(outcome.kind === "value" && outcome.value.equals(plaintext)).toBe(true);
    }
  });

  it("for post-quantum recipients is opened by each of them, and by no other", async () => {
    const file = await encryptAge(Buffer.from("value"), await recipients(["a", "b"], "hybrid"));
    for (const phrase of ["a", "b"]) {
      expect(await decryptAge(file, identity(phrase, "hybrid"))).toEqual({
        kind: "value",
        value: Buffer.from("value"),
      });
    }
    expect(await decryptAge(file, [...identity("c", "hybrid"), ...identity("a")])).toEqual({
      kind: "not_for_these",
      recipients: ["mlkem768x25519"],
    });
  });

  it("for a passphrase is opened by it, with the age program's work factor unless told otherwise", async () => {
    const file = await encryptAgeToPassphrase(Buffer.from("value"), "correct horse");
    expect(file.toString("latin1")).toMatch(/^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} 18\n/);
    const decrypter = new Decrypter();
    decrypter.addPassphrase("correct horse");
    expect(await decrypter.decrypt(file, "text")).toBe("value");
    expect(await decryptAge(file, [passphraseIdentity("correct horse")])).toMatchObject({ kind: "value" });
    expect(await decryptAge(file, [passphraseIdentity("wrong")])).toMatchObject({ kind: "not_for_these" });
  });

  it("for a point of low order is not made, be it a part of a post-quantum key", async () => {
    for (const text of [encodeBech32("age", Buffer.alloc(32)), encodeBech32("age1pq", Buffer.alloc(1216))]) {
      await expect(encryptAge(Buffer.of(1), parseRecipients([text], "the test"))).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining("is not an age recipient"),
      });
    }
  });
});

describe("decrypting", () => {
  it("tells whether a file is for an identity without its payload", async () => {
    const file = await encryptAge(Buffer.from("value"), await recipients(["a"]));
    const parsed = parseAge(file.subarray(0, -10));
    if ("why" in parsed) throw new Error(parsed.why);
    expect(await isForOneOf(parsed, identity("a"))).toBe(true);
    expect(await isForOneOf(parsed, identity("b"))).toBe(false);
  });

  it("refuses a passphrase beside other recipients, whichever key is tried", async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await recipientOf("a"));
    const sound = Buffer.from(await encrypter.encrypt("value")).toString("latin1");
    const file = Buffer.from(
      sound.replace("\n---", `\n-> scrypt ${"A".repeat(22)} 4\n${"A".repeat(43)}\n---`),
      "latin1",
    );
    expect(await decryptAge(file, identity("a"))).toEqual({
      kind: "corrupt",
      why: "it is for a passphrase and for other recipients too",
    });
  });

  it("refuses a header without an end before it takes memory or time", async () => {
    const head = "age-encryption.org/v1\n";
    const endless = Buffer.concat([Buffer.from(head), Buffer.alloc(8 * 1024 * 1024, "-> a\n\n")]);
    expect(await decryptAge(endless, identity("a"))).toMatchObject({
      kind: "corrupt",
      why: expect.stringContaining("its header is longer than"),
    });
  });

  it("gives back any plaintext, in either form", async () => {
    const to = await recipients(["a", "b"]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (plaintext, armored) => {
        const outcome = await decryptAge(await encryptAge(plaintext, to, { armored }), identity("b"));
        expect(outcome).toEqual({ kind: "value", value: Buffer.from(plaintext) });
      }),
      { numRuns: 50 },
    );
  });
});
