import { expect, test } from "vitest";
import { describeFinding, inOrder } from "../../src/scan/finding.js";
import type { Finding } from "../../src/scan/finding.js";

const finding = (parts: Partial<Finding>): Finding => ({
  kind: "value",
  name: "api_key",
  form: "as it is",
  file: "a",
  line: 1,
  ...parts,
});

test("a finding is one line: commit, file, line, name, form", () => {
  expect(describeFinding(finding({ line: 12 }))).toBe("a:12: api_key (as it is)");
  expect(describeFinding(finding({ line: 0 }))).toBe("a: api_key (as it is)");
  expect(describeFinding(finding({ commit: "0123456789abcdef0123" }))).toBe("0123456789ab:a:1: api_key (as it is)");
});

test("findings stand by file, line as a number, name and commit", () => {
  const ordered = [
    finding({ line: 2, name: "a" }),
    finding({ line: 2, name: "b", commit: "1" }),
    finding({ line: 2, name: "b", commit: "2" }),
    finding({ line: 10 }),
    finding({ file: "b" }),
  ];
  expect(inOrder(ordered.toReversed())).toEqual(ordered);
});
