import { identityToRecipient } from "age-encryption";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptIdentityFile } from "../../src/age/identity-file.js";
import { encryptAge, encryptAgeToPassphrase } from "../../src/age/encrypt.js";
import { parseIdentities, passphraseIdentity } from "../../src/age/identities.js";
import { parseRecipients } from "../../src/age/recipients.js";
import { recipientOf } from "../support/age-tree.js";
import { identityTextOf } from "../support/sealed-store.js";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("an identity file", () => {
  it("has one identity a line, in the order they are tried, with comments and empty lines", async () => {
    const text = `# created: now\n${identityTextOf("a")}\r\n\n# ${identityTextOf("c")}\n${identityTextOf("b", "hybrid")}`;
    const identities = parseIdentities(text, "key.txt");
    expect(await Promise.all(identities.map(async ({ recipient }) => recipient()))).toEqual([
      await identityToRecipient(identityTextOf("a")),
      await identityToRecipient(identityTextOf("b", "hybrid")),
    ]);
  });

  it.each([
    ["AGE-PLUGIN-YUBIKEY-1QQQQQQ", "is an identity of a plugin, and plugins are not supported"],
    ["-----BEGIN OPENSSH PRIVATE KEY-----", "begins an SSH key, and SSH keys are not supported"],
    ["age1qqqq", "is a recipient, the public half of a key, and not an identity"],
    [identityTextOf("a").toLowerCase(), "is not an age identity"],
    [`${identityTextOf("a")} `, "is not an age identity"],
    [identityTextOf("a").replace(/.$/, "!"), "is not an age identity"],
  ])("with another line is locked, and the line is named and not shown (%#)", (line, what) => {
    const error = thrownBy(() => parseIdentities(`# comment\n${line}\n`, "key.txt"));
    expect(String(error)).toBe(`LockedError: \`key.txt\` line 2 ${what}`);
  });

  it("of any text gives identities or is locked, and nothing of the text is shown", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 12, maxLength: 80 }), { minLength: 1 }), (lines) => {
        const error = thrownBy(() => parseIdentities(lines.join("\n"), "key.txt"));
        expect(error).toMatchObject({ code: "locked" });
        expect(lines.filter((line) => String(error).includes(line))).toEqual([]);
      }),
    );
  });

  it("without any identity is locked", () => {
    expect(() => parseIdentities("# nothing\n", "key.txt")).toThrow("`key.txt` holds no age identity");
  });
});

describe("an identity file under a passphrase", () => {
  it.each([true, false])("opens with it (armored: %s)", async (armored) => {
    const bytes = await encryptAgeToPassphrase(Buffer.from("text"), "correct horse", { workFactor: 4, armored });
    expect(await decryptIdentityFile(bytes, "correct horse", "key.txt")).toBe("text");
    await expect(decryptIdentityFile(bytes, "wrong", "key.txt")).rejects.toMatchObject({
      code: "locked",
      message: "the key `key.txt` does not open with this passphrase",
    });
  });

  it("that is for a public key instead, or damaged, does not open either", async () => {
    const recipients = parseRecipients([await recipientOf("a")], "the test");
    const bytes = await encryptAge(Buffer.from("text"), recipients);
    await expect(decryptIdentityFile(bytes, "any", "key.txt")).rejects.toMatchObject({ code: "locked" });
    await expect(decryptIdentityFile(bytes.subarray(0, 60), "any", "key.txt")).rejects.toMatchObject({
      hint: "the file is damaged: its header is cut off",
    });
  });
});

describe("a passphrase", () => {
  it("is an identity without a public key", async () => {
    expect(await passphraseIdentity("correct horse").recipient()).toBeUndefined();
  });
});
