import { expect, test } from "vitest";
import { outcomeOf } from "../../../src/delivery/import/outcome.js";

const careful = { overwrite: false, includePlaceholders: false };
const bytes = (text: string) => Buffer.from(text);

test.each([
  ["a value nobody has", "one", undefined, careful, "new"],
  ["the value that is there", "one", "one", careful, "unchanged"],
  ["another value than is there", "one", "two", careful, "kept"],
  ["another value, when told to", "one", "two", { ...careful, overwrite: true }, "overwritten"],
  ["a placeholder", "your-token-here", undefined, careful, "placeholder"],
  ["nothing", "", undefined, careful, "placeholder"],
  [
    "a placeholder over a value, when told to overwrite",
    "changeme",
    "one",
    { ...careful, overwrite: true },
    "placeholder",
  ],
  ["a placeholder that is there", "changeme", "changeme", careful, "unchanged"],
  ["a placeholder, when told to", "changeme", undefined, { ...careful, includePlaceholders: true }, "new"],
] as const)("%s", (_, value, present, wishes, outcome) => {
  expect(outcomeOf(bytes(value), present === undefined ? undefined : bytes(present), wishes)).toBe(outcome);
});
