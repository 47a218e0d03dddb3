import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBech32 } from "../../src/age/bech32.js";
import { parseRecipientFile, parseRecipients } from "../../src/age/recipients.js";
import { isSecretsError } from "../../src/errors.js";
import { recipientOf } from "../support/age-tree.js";
import { identityTextOf } from "../support/sealed-store.js";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("a recipients file", () => {
  it("has one recipient a line, with comments, empty lines and line ends of any kind", async () => {
    const [one, two] = [await recipientOf("one"), await recipientOf("two")];
    const { kind, texts } = parseRecipientFile(`# team\r\n${one}\r\n\r\n#${two}\n${two}`, "readers");
    expect({ kind, texts }).toEqual({ kind: "x25519", texts: [one, two] });
  });

  it("may have post-quantum recipients, when it has no others", async () => {
    const [one, two] = [await recipientOf("one", "hybrid"), await recipientOf("two", "hybrid")];
    expect(parseRecipientFile(`${one}\n${two}\n`, "readers").kind).toBe("hybrid");
    const classic = await recipientOf("one");
    expect(() => parseRecipients([one, classic], "the rule")).toThrow(
      "`the rule` mixes post-quantum recipients with others",
    );
  });

  it.each([
    ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "SSH keys are not supported as recipients"],
    [encodeBech32("age1yubikey", Buffer.alloc(33)), "recipients of plugins are not supported"],
    [encodeBech32("age1tag", Buffer.alloc(33)), "recipients of hardware keys are not supported"],
    [identityTextOf("one"), "a private key must not stand where recipients do"],
    [identityTextOf("one").toLowerCase(), "a private key must not stand where recipients do"],
    ["age1short", "`age1short` is not an age recipient"],
    [` ${encodeBech32("age", Buffer.alloc(32, 9))}`, "expected an age recipient"],
    [encodeBech32("age", Buffer.alloc(32, 9)).toUpperCase(), "expected an age recipient"],
    ["age1pq1qqqq", "`age1pq1qqqq` is not an age recipient"],
    ["hunter2", "expected an age recipient"],
  ])("refuses %j with its line, and shows nothing that may be secret", (text, why) => {
    const error = thrownBy(() => parseRecipientFile(`# a comment\n${text}\n`, "readers"));
    expect(error).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/^`readers` line 2: /),
      problems: [{ file: "readers", line: 2, message: expect.stringContaining(why) }],
    });
    const isPublic = text.startsWith("age1");
    expect(!isPublic && String(error).includes(text.slice(4))).toBe(false);
  });

  it("refuses a post-quantum key with a number out of range, which age refuses too", () => {
    const text = encodeBech32("age1pq", Buffer.alloc(1216, 0xff));
    expect(() => parseRecipientFile(text, "readers")).toThrow(/^`readers` line 1: `age1pq1/);
  });

  it("names every line that is faulty", async () => {
    const text = `nonsense\n${await recipientOf("one")}\nssh-rsa AAAA\n`;
    expect(thrownBy(() => parseRecipientFile(text, "readers"))).toMatchObject({
      problems: [{ line: 1 }, { line: 3 }],
    });
  });

  it("of any text gives recipients or an error of this package", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const result = thrownBy(() => parseRecipientFile(text, "readers"));
        expect(isSecretsError(result)).toBe(true);
      }),
    );
  });
});
