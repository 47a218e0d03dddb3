import { expect, test } from "vitest";
import { isSettable } from "../../src/cli/setup-plan.js";

test.each([
  ["locked", false],
  ["unavailable", false],
  // Said of single entries, beside which others are written.
  ["integrity", true],
  ["configuration", true],
  [undefined, true],
] as const)("a value is asked for in a store with a problem of code %s: %s", (code, isAsked) => {
  const trouble = { severity: "problem", message: "", ...(code === undefined ? {} : { code }) } as const;
  expect(isSettable({ elsewhere: undefined, trouble })).toBe(isAsked);
  expect(isSettable({ elsewhere: "set the environment variable", trouble })).toBe(false);
});
