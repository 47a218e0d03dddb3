import * as fc from "fast-check";
import { expect, test } from "vitest";
import { pathFault } from "../../src/domain/names.js";
import { pathFaultInTree } from "../../src/file-tree/names.js";

test.each(["a", ".dockerconfigjson", "tls.crt", "db/password", "-", "a..", "x".repeat(255)])(
  "%s may be a file",
  (path) => {
    expect(pathFaultInTree(path)).toBeUndefined();
  },
);

test.each(["..data", "..data/a", "a/..2026_01_01.1/b", "...", "x".repeat(256), "ключ".repeat(32), "a/../b", "\uFFFD"])(
  "%s may not",
  (path) => {
    expect(pathFaultInTree(path)).toMatch(/^expected /);
  },
);

test("what may be a file keeps the rules of every path, and has no segment that leads upwards or into a generation", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(".", "/", "a", "\\", "\0", "☃") }), (path) => {
      if (pathFaultInTree(path) !== undefined) return;
      expect(pathFault(path)).toBeUndefined();
      expect(`/${path}`).not.toContain("/..");
    }),
  );
});
