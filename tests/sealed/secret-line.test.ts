import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareText } from "../../src/sealed/grammar.js";
import { findSecretLine } from "../../src/sealed/secret-line.js";

const path = fc.stringMatching(/^[-a-c./]{1,4}$/);

describe("finding the line of a path", () => {
  it("gives its start or -1", () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 12 }), path, (paths, wanted) => {
        const head = "head\n";
        const lines = paths.toSorted(compareText).map((each) => `secret ${each} rest of the line\n`);
        const bytes = Buffer.from(`${head}${lines.join("")}signature\n`);
        const end = head.length + lines.join("").length;
        const starts = [
          head.length,
          ...lines.map((_, index) => head.length + lines.slice(0, index + 1).join("").length),
        ];
        const index = lines.findIndex((line) => line.startsWith(`secret ${wanted} `));
        const found = findSecretLine(bytes, head.length, end, wanted);
        expect(found).toBe(index === -1 ? -1 : starts[index]);
      }),
      { numRuns: 500 },
    );
  });
});
