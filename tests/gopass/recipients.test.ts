import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFileRecipients } from "../../src/gopass/openpgp.js";
import { fileRecipients, folderRecipients, locateEntry, parseRecipients } from "../../src/gopass/recipients.js";
import { scratchDirectory } from "../support/directory.js";

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

test("an entry lies in the mount with the longest name, else in the root store", () => {
  const settings = new Map([
    ["mounts.path", "/root"],
    ["mounts.team.path", "/team"],
    ["mounts.team/red.path", "/red"],
    ["core.autosync", "true"],
  ]);
  expect(locateEntry(settings, "a/b")).toEqual({ directory: "/root", relative: "a/b" });
  expect(locateEntry(settings, "team/a")).toEqual({ directory: "/team", relative: "a" });
  expect(locateEntry(settings, "team/red/a")).toEqual({ directory: "/red", relative: "a" });
  expect(locateEntry(settings, "teams/a")).toEqual({ directory: "/root", relative: "teams/a" });
  expect(locateEntry(new Map(), "a")).toBeUndefined();
});

test("the nearest `.gpg-id` upwards names the recipients", () => {
  const directory = scratchDirectory();
  mkdirSync(join(directory, "a/b"), { recursive: true });
  expect(folderRecipients({ directory, relative: "a/b/c" })).toBeUndefined();
  writeFileSync(join(directory, ".gpg-id"), "ROOT\n");
  writeFileSync(join(directory, "a/.gpg-id"), "A\n");
  expect(folderRecipients({ directory, relative: "c" })).toEqual({ folder: "", ids: ["ROOT"] });
  expect(folderRecipients({ directory, relative: "a/b/c" })).toEqual({ folder: "a", ids: ["A"] });
  expect(folderRecipients({ directory, relative: "a/new/deep/c" })).toEqual({ folder: "a", ids: ["A"] });
});

test("comments and blank lines of a `.gpg-id` are no recipients", () => {
  expect(parseRecipients("# team\nAB # bridge\r\n\n  CD\n")).toEqual(["AB", "CD"]);
});

test("a file that cannot be opened tells nothing", () => {
  expect(fileRecipients({ directory: "/nonexistent", relative: "a" })).toEqual({ kind: "unknown" });
});
