import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileRecipients, folderRecipients, locateEntry } from "../../src/gopass/recipients.js";
import { scratchDirectory } from "../support/directory.js";

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

test("a file that cannot be opened tells nothing", () => {
  expect(fileRecipients({ directory: "/nonexistent", relative: "a" })).toEqual({ kind: "unknown" });
});
