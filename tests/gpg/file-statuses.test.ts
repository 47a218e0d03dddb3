import { expect, test } from "vitest";
import { statusesOfFiles } from "../../src/gpg/file-statuses.js";
import { parseStatus } from "../../src/gpg/status.js";

const statuses = (...lines: string[]) => {
  const found = statusesOfFiles(parseStatus(lines.map((line) => `[GNUPG:] ${line}\n`).join("")));
  return Object.fromEntries(
    [...found].map(([name, { lines: events }]) => [name, events.map(({ keyword }) => keyword)]),
  );
};

test("each file has the events between its start and its end", () => {
  expect(
    statuses("A", "FILE_START 3 /m/0.gpg", "B", "C", "FILE_DONE", "D", "FILE_START 3 /m/1.gpg", "FILE_DONE", "E"),
  ).toEqual({ "/m/0.gpg": ["B", "C"], "/m/1.gpg": [] });
});

test.each([
  ["was not done", ["FILE_START 3 a", "B"]],
  ["was not done before the next began", ["FILE_START 3 a", "B", "FILE_START 3 b", "FILE_DONE"]],
  ["came twice", ["FILE_START 3 a", "FILE_DONE", "FILE_START 3 a", "B", "FILE_DONE"]],
  [
    "began again after it was cut off",
    ["FILE_START 3 a", "FILE_START 3 b", "FILE_DONE", "FILE_START 3 a", "FILE_DONE"],
  ],
  ["was not decrypted, but something else", ["FILE_START 2 a", "B", "FILE_DONE"]],
  ["never began", ["B", "FILE_DONE"]],
])("a file that %s has none", (_name, lines) => {
  expect(statuses(...lines)).not.toHaveProperty("a");
});

test("what comes after the end of a file is not its own", () => {
  expect(statuses("FILE_START 3 a", "FILE_DONE", "GOODMDC", "FILE_DONE")).toEqual({ a: [] });
});
