import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorPath, realLogPath } from "../../src/audit/anchor.js";
import { formatRecord, parseRecord } from "../../src/audit/canonical.js";
import { openAuditLog } from "../../src/audit/log.js";
import type { AuditRecord } from "../../src/audit/record.js";
import { verifyAuditLog } from "../../src/audit/verify.js";
import { IntegrityError, UnavailableError } from "../../src/errors.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode, startNode } from "../support/processes.js";
import { decision, outcome } from "./events.js";

const at = Date.UTC(2026, 0, 1);

function newLog() {
  const directory = scratchDirectory();
  const file = join(directory, "audit.jsonl");
  const stateDirectory = join(directory, "state");
  const where = { file, stateDirectory };
  return { ...where, where, directory, log: openAuditLog({ ...where, now: () => at }) };
}

function records(file: string): readonly (AuditRecord | undefined)[] {
  return readFileSync(file, "utf8").split("\n").slice(0, -1).map(parseRecord);
}

async function threeRecords() {
  const made = newLog();
  await made.log.append(decision());
  await made.log.append(outcome());
  await made.log.append(decision({ verdict: "deny" }));
  const anchorFile = anchorPath(realLogPath(made.file), made.stateDirectory);
  return { ...made, anchorFile, text: readFileSync(made.file, "utf8"), anchor: readFileSync(anchorFile, "utf8") };
}

describe("the audit log", () => {
  it("chains records in a file that only its owner can read, and leaves no lock", async () => {
    const { file, directory, where, log } = newLog();
    await log.append(decision());
    await log.append(outcome());
    const [first, second] = records(file);
    expect(first).toMatchObject({ event: "decision", time: "2026-01-01T00:00:00.000Z", previous: "0".repeat(64) });
    expect(second).toMatchObject({ event: "outcome", previous: first?.hash });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).toSorted()).toEqual(["audit.jsonl", "state"]);
    expect(await verifyAuditLog(where)).toEqual({ records: 2, decisions: 1, denied: 0 });
  });

  it("anchors the head in the state directory, for this user alone", async () => {
    const { anchorFile, anchor, text, stateDirectory } = await threeRecords();
    expect(JSON.parse(anchor)).toMatchObject({ size: text.length, count: 3 });
    expect(anchor).not.toContain("next");
    expect(statSync(anchorFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(stateDirectory, "audit")).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(stateDirectory, "audit"))).toHaveLength(1);
  });

  it("keeps the order of appends made at once in one process", async () => {
    const { file, where, log } = newLog();
    await Promise.all(Array.from({ length: 20 }, (_, i) => log.append(decision({ id: String(i) }))));
    expect(records(file).map((record) => record?.id)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    expect((await verifyAuditLog(where)).fault).toBeUndefined();
  });

  it.each<[string, (made: Awaited<ReturnType<typeof threeRecords>>) => void, RegExp]>([
    ["its last record was removed", ({ file, text }) => truncateSync(file, text.lastIndexOf(`{"version"`)), /shorter/],
    ["its end was cut off", ({ file, text }) => truncateSync(file, text.length - 3), /shorter/],
    ["something was added", ({ file }) => appendFileSync(file, "{}\n"), /something else wrote/],
    [
      "a well-made record was added",
      ({ file, text }) => {
        const hash = parseRecord(text.trimEnd().split("\n").at(-1) ?? "")?.hash ?? "";
        appendFileSync(file, formatRecord(decision(), at, hash).line);
      },
      /something else wrote/,
    ],
    ["its last record was altered", ({ file, text }) => writeFileSync(file, text.replace("deny", "deni")), /record 3/],
    ["it is gone", ({ file }) => rmSync(file), /it is gone/],
    ["its anchor is damaged", ({ anchorFile }) => truncateSync(anchorFile, 10), /anchor of the audit log is damaged/],
  ])("refuses to go on when %s, and writes nothing", async (_case, change, message) => {
    const made = await threeRecords();
    change(made);
    const before = statSync(made.file, { throwIfNoEntry: false })?.size;
    const attempt = made.log.append(outcome());
    await expect(attempt).rejects.toThrow(IntegrityError);
    await expect(attempt).rejects.toThrow(message);
    expect(statSync(made.file, { throwIfNoEntry: false })?.size).toBe(before);
  });

  it("begins a new log when the old one was moved away and the command in the hint was run", async () => {
    const { file, directory, log, anchorFile, where } = await threeRecords();
    renameSync(file, join(directory, "2025.jsonl"));
    await expect(log.append(outcome())).rejects.toMatchObject({ hint: expect.stringContaining(`rm ${anchorFile}`) });
    rmSync(anchorFile);
    await log.append(outcome());
    expect((await verifyAuditLog(where)).records).toBe(1);
  });

  it("adopts a whole log that was moved here, and refuses a damaged one", async () => {
    const { file, directory, text, stateDirectory } = await threeRecords();
    const moved = join(directory, "moved.jsonl");
    renameSync(file, moved);
    const log = openAuditLog({ file: moved, stateDirectory, now: () => at });
    await log.append(outcome());
    expect(records(moved)).toHaveLength(4);
    const damaged = join(directory, "damaged.jsonl");
    writeFileSync(damaged, text.replace("allow", "allaw"), { mode: 0o600 });
    const other = openAuditLog({ file: damaged, stateDirectory, now: () => at });
    await expect(other.append(outcome())).rejects.toThrow(/line 1 was altered/);
  });

  it.each<[string, (text: string, size: number) => string]>([
    ["before it wrote", (text, size) => text.slice(0, size)],
    ["in the middle of writing", (text, size) => text.slice(0, size + 20)],
    ["after writing", (text) => text],
  ])("goes on after a writer died %s", async (_case, content) => {
    const { file, anchorFile, anchor, where, text, log } = await threeRecords();
    const [first = "", second = "", third = ""] = text.split("\n");
    const size = first.length + second.length + 2;
    const head = { size, hash: parseRecord(second)?.hash, count: 2 };
    const next = { size: text.length, hash: parseRecord(third)?.hash, count: 3 };
    expect(JSON.parse(anchor)).toEqual({ file: realLogPath(file), ...next });
    writeFileSync(anchorFile, JSON.stringify({ file: realLogPath(file), ...head, next }));
    writeFileSync(file, content(text, size));
    expect((await verifyAuditLog(where)).fault).toBeUndefined();
    await log.append(outcome());
    const { fault, records: count } = await verifyAuditLog(where);
    expect(fault).toBeUndefined();
    expect(count).toBe(content(text, size) === text ? 4 : 3);
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ["is a symbolic link", (file) => symlinkSync("elsewhere", file), /symbolic link/],
    ["is a directory", (file) => mkdirSync(file), /directory/],
    [
      "can be changed by others",
      (file) => {
        writeFileSync(file, "");
        chmodSync(file, 0o620);
      },
      /other users can change .*chmod 600/,
    ],
  ])("cannot be written when it %s", async (_case, make, hint) => {
    const { file, log } = newLog();
    make(file);
    const attempt = log.append(decision());
    await expect(attempt).rejects.toThrow(UnavailableError);
    await expect(attempt).rejects.toMatchObject({
      message: "the audit record cannot be written",
      hint: expect.stringMatching(hint),
    });
  });

  it("cannot be written when its directory is missing, and says so", async () => {
    const { directory, stateDirectory } = newLog();
    const log = openAuditLog({ file: join(directory, "no", "a.jsonl"), stateDirectory, now: () => at });
    await expect(log.append(decision())).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("no such file or directory"),
    });
  });

  it("stays one chain when processes write at once", async () => {
    const { file, stateDirectory, where, directory } = newLog();
    const script = await bundleForNode("tests/audit/append-events.ts", directory);
    const names = ["a", "b", "c"];
    const ended = await Promise.all(names.map((name) => startNode(script, file, stateDirectory, "30", name).ended));
    for (const process of ended) expect(process).toMatchObject({ code: 0, stderr: "" });
    expect(await verifyAuditLog(where)).toEqual({ records: 90, decisions: 90, denied: 0 });
    for (const name of names) expect(records(file).filter((record) => record?.machine === name)).toHaveLength(30);
  });
});
