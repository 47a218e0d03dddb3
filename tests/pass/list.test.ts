import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listEntries } from "../../src/pass/list.js";
import { scratchDirectory } from "../support/directory.js";

test("folders that lead to one another are listed by every way once round, and no further", () => {
  const root = realpathSync(scratchDirectory());
  for (const name of ["a", "b"]) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, "v.gpg"), "");
    symlinkSync(`../${name === "a" ? "b" : "a"}`, join(root, name, "other"));
  }
  const left: string[] = [];
  expect(listEntries(root, (path) => left.push(path)).toSorted()).toEqual(["a/other/v", "a/v", "b/other/v", "b/v"]);
  expect(left.toSorted()).toEqual(["a/other/other", "b/other/other"]);
});

test("a store whose links lead to one another in more ways than anybody can list is refused, and not listed for ever", () => {
  const root = realpathSync(scratchDirectory());
  const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
  for (const name of names) {
    mkdirSync(join(root, name));
    for (const other of names) symlinkSync(`../${other}`, join(root, name, other));
  }
  expect(() => listEntries(root, () => undefined)).toThrow("more than 1000 symbolic links");
});
