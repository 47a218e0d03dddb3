import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readBounded } from "../../src/files/bounded.js";
import { scratchDirectory } from "../support/directory.js";

function readFrom(file: string, maximum: number, expected?: number): Buffer | undefined {
  const descriptor = openSync(file, "r");
  try {
    return readBounded(descriptor, maximum, expected);
  } finally {
    closeSync(descriptor);
  }
}

it("gives the whole of a file that is not too long, whatever size was expected", () => {
  const file = join(scratchDirectory(), "file");
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(20_000), fc.nat(20_000), (length, maximum, expected) => {
      const bytes = Buffer.alloc(length, "content ");
      writeFileSync(file, bytes);
      expect(readFrom(file, maximum, expected)).toEqual(length > maximum ? undefined : bytes);
    }),
    { numRuns: 60 },
  );
});

it("gives up on a file that never ends, and reads what the system says is empty", () => {
  expect(readFrom("/dev/zero", 100_000)).toBeUndefined();
  expect(readFrom("/proc/self/status", 100_000)?.toString()).toContain("Pid:");
});
