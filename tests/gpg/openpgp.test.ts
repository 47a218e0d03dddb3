import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFileRecipients } from "../../src/gpg/openpgp.js";

const keyId = "0BAA87A0F174A9BF";
const other = "F13E467ECD07F3BC";
/** A session key packet of version 3 in the three forms of its length. */
const sessionKey = (id: string, form: "old1" | "old2" | "new") => {
  const body = Buffer.concat([Buffer.of(3), Buffer.from(id, "hex"), Buffer.of(18, 1, 2, 3)]);
  const head = { old1: [0x84, body.length], old2: [0x85, 0, body.length], new: [0xc1, body.length] }[form];
  return Buffer.concat([Buffer.from(head), body]);
};
const encrypted = Buffer.of(0xd2, 10, 1);

describe("the head of an OpenPGP message", () => {
  test("names the key ids it is encrypted for", () => {
    const message = Buffer.concat([
      sessionKey(keyId, "old1"),
      sessionKey(other, "old2"),
      sessionKey(keyId, "new"),
      encrypted,
    ]);
    expect(parseFileRecipients(message)).toEqual({ kind: "encrypted", keyIds: [keyId, other, keyId], hidden: false });
  });

  test("says when a recipient is hidden", () => {
    const message = Buffer.concat([sessionKey("0".repeat(16), "old1"), encrypted]);
    expect(parseFileRecipients(message)).toMatchObject({ kind: "encrypted", hidden: true });
  });

  test.each([
    ["a literal packet", Buffer.of(0xcb, 4, 98, 0, 0, 0), "plain"],
    ["compressed data", Buffer.of(0xa3, 1), "plain"],
    ["nothing", Buffer.alloc(0), "unknown"],
    ["text", Buffer.from("hello"), "unknown"],
    ["a passphrase only", Buffer.of(0x8c, 2, 4, 9), "unknown"],
    ["a session key of a later version", Buffer.of(0xc1, 3, 6, 0, 0), "unknown"],
  ])("%s is %s", (_name, bytes, kind) => {
    expect(parseFileRecipients(bytes).kind).toBe(kind);
  });

  test("ends for any bytes", () => {
    const anyBytes = fc.uint8Array({ maxLength: 300 });
    expect(() => fc.assert(fc.property(anyBytes, (bytes) => parseFileRecipients(bytes).kind.length > 0))).not.toThrow();
  });
});
