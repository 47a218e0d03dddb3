import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openAuditLog, requireAppendable } from "../../src/audit/log.js";
import { IntegrityError, UnavailableError } from "../../src/errors.js";
import { scratchDirectory } from "../support/directory.js";
import { decision, outcome } from "./events.js";

async function twoRecords() {
  const directory = scratchDirectory();
  const where = { file: join(directory, "audit.jsonl"), stateDirectory: join(directory, "state") };
  const log = openAuditLog({ ...where, now: () => 0 });
  await log.append(decision());
  await log.append(outcome());
  return where;
}

test("a log never begun can be appended to, and is not begun by the question", async () => {
  const directory = scratchDirectory();
  await requireAppendable({ file: join(directory, "audit.jsonl"), stateDirectory: join(directory, "state") });
  expect(readdirSync(directory)).toEqual([]);
});

test("a log as it was left can be appended to, and stays so", async () => {
  const where = await twoRecords();
  const before = readFileSync(where.file);
  await requireAppendable(where);
  expect(readFileSync(where.file)).toEqual(before);
});

test.skipIf(process.platform === "win32")("a log that others can change cannot be appended to", async () => {
  const where = await twoRecords();
  chmodSync(where.file, 0o666);
  await expect(requireAppendable(where)).rejects.toThrow(UnavailableError);
});

test.each([
  ["was emptied", (file: string) => truncateSync(file, 0)],
  ["was added to", (file: string) => appendFileSync(file, "more\n")],
])("a log that %s cannot be appended to", async (_case, change) => {
  const where = await twoRecords();
  change(where.file);
  await expect(requireAppendable(where)).rejects.toThrow(IntegrityError);
});

test("a log whose directory is not there cannot be appended to, and the directory is not made", async () => {
  const directory = join(scratchDirectory(), "none");
  const where = { file: join(directory, "audit.jsonl"), stateDirectory: join(directory, "state") };
  await expect(requireAppendable(where)).rejects.toThrow(UnavailableError);
  expect(existsSync(directory)).toBe(false);
});
