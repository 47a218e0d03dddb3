import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listTree, readEntry, realRoot, removeEntry, writeEntry } from "../../src/age/tree.js";
import { entryFault, isEntryName } from "../../src/age/tree-names.js";
import { scratchDirectory } from "../support/directory.js";

/** Paths as people and attackers write them, most of which the grammar accepts. */
const segment = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    "a",
    "A",
    "a.age",
    ".age",
    ".",
    "..",
    ".git",
    "-rf",
    "*",
    "$(x)",
    "CON",
    "a b",
    "a.lock",
    "ü".normalize("NFD"),
  ),
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));

describe("an entry of a tree", () => {
  it("with any name that the grammar accepts is kept, listed and removed under it, and nothing is left", () => {
    fc.assert(
      fc.property(path.filter(isEntryName), (name) => {
        const root = realpathSync(mkdtempSync(join(tmpdir(), "mxm-test-")));
        try {
          writeEntry(root, name, Buffer.from(name));
          expect(readEntry(root, name)?.toString()).toBe(name);
          expect(listTree(root)).toEqual({ paths: [name], leftOut: 0 });
          expect(removeEntry(root, name)).toBe(true);
          expect(readEntry(root, name)).toBeUndefined();
          expect(readdirSync(root)).toEqual([]);
        } finally {
          rmSync(root, { recursive: true, force: true });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("with any two names that the grammar accepts has a file of its own", () => {
    fc.assert(
      fc.property(path.filter(isEntryName), path.filter(isEntryName), (one, other) => {
        fc.pre(one !== other);
        const root = realRoot(scratchDirectory());
        writeEntry(root, one, Buffer.from("one"));
        writeEntry(root, other, Buffer.from("other"));
        expect([readEntry(root, one), readEntry(root, other)].map(String)).toEqual(["one", "other"]);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [".age-recipients", /begins with `\.`/],
    ["a/\uFFFD", /replacement character/],
    ["a/.git/b", /begins with `\.`/],
    ["a.age/b", /ends in `\.age`/],
    [`${"x".repeat(256)}/a`, /^expected folders of at most 255 bytes$/],
    ["x".repeat(235), /^expected at most 234 bytes/],
  ])("is not named %s", (name, fault) => {
    expect(entryFault(name)).toMatch(fault);
  });
});
