import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryStart } from "../../src/files/atomic.js";
import { removeAbandoned, removeLeftovers } from "../../src/files/leftovers.js";
import { scratchDirectory } from "../support/directory.js";

const others = ["a", "a.0123456789ab.tmp.bak", "a.mine.tmp", "b.0123456789ab.tmp"];

function withFiles(names: readonly string[]): string {
  const directory = scratchDirectory();
  for (const name of names) writeFileSync(join(directory, name), "");
  return directory;
}

test("whoever holds the lock of a file removes what killed writers left beside it, and nothing else", () => {
  const directory = withFiles([...others, "a.0123456789ab.tmp", "a.ba9876543210.tmp"]);
  removeLeftovers(join(directory, "a"));
  expect(readdirSync(directory).toSorted()).toEqual(others);
});

test("so it is for a file whose name leaves no room for more", () => {
  const name = "x".repeat(255);
  const directory = withFiles([name]);
  writeFileSync(join(directory, `${temporaryStart(name)}0123456789ab.tmp`), "");
  removeLeftovers(join(directory, name));
  expect(readdirSync(directory)).toEqual([name]);
});

test("without a lock, only what was not touched for ten minutes is removed, for a writer may be at work on the rest", () => {
  const directory = withFiles([...others, "a.000000000001.tmp", "a.000000000002.tmp"]);
  mkdirSync(join(directory, "a.000000000003.tmp"));
  symlinkSync("nowhere", join(directory, "a.000000000004.tmp"));
  const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
  utimesSync(join(directory, "a.000000000001.tmp"), minutesAgo(11), minutesAgo(11));
  utimesSync(join(directory, "a.000000000002.tmp"), minutesAgo(5), minutesAgo(5));
  utimesSync(join(directory, "a.000000000003.tmp"), minutesAgo(11), minutesAgo(11));
  removeAbandoned(join(directory, "a"));
  const left = ["a.000000000002.tmp", "a.000000000003.tmp", "a.000000000004.tmp"];
  expect(readdirSync(directory).toSorted()).toEqual([...others, ...left].toSorted());
});

test("a directory that cannot be listed keeps nobody from writing", () => {
  expect(() => removeAbandoned(join(scratchDirectory(), "missing", "a"))).not.toThrow();
});
