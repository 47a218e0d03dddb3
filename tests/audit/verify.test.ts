import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatRecord, noHash, parseRecord } from "../../src/audit/canonical.js";
import { openAuditLog } from "../../src/audit/log.js";
import { verifyAuditLog } from "../../src/audit/verify.js";
import { scratchDirectory } from "../support/directory.js";
import { decision, outcome } from "./events.js";

const at = Date.UTC(2026, 0, 1);

async function sixRecords() {
  const directory = scratchDirectory();
  const where = { file: join(directory, "audit.jsonl"), stateDirectory: join(directory, "state") };
  const log = openAuditLog({ ...where, now: () => at });
  for (const id of ["1", "2", "3"]) {
    await log.append(decision({ id, verdict: id === "2" ? "deny" : "allow" }));
    await log.append(outcome({ id, verdict: id === "2" ? "deny" : "allow" }));
  }
  const lines = readFileSync(where.file, "utf8").trimEnd().split("\n");
  return { where, lines, ...where };
}

describe("verifyAuditLog", () => {
  it("counts the records of a log that is as it was written", async () => {
    const { where } = await sixRecords();
    expect(await verifyAuditLog(where)).toEqual({ records: 6, decisions: 3, denied: 1 });
  });

  it("finds nothing to say about a log that was never begun", async () => {
    const directory = scratchDirectory();
    const where = { file: join(directory, "audit.jsonl"), stateDirectory: directory };
    expect(await verifyAuditLog(where)).toEqual({ records: 0, decisions: 0, denied: 0 });
  });

  it.each<[string, (lines: string[]) => string[], { line: number; kind: string }]>([
    ["a word was changed", (l) => l.with(2, (l[2] ?? "").replace("loader", "loafer")), { line: 3, kind: "altered" }],
    ["a line was emptied", (l) => l.with(2, ""), { line: 3, kind: "altered" }],
    ["a record was removed", (l) => l.toSpliced(3, 1), { line: 4, kind: "removed" }],
    ["the first record was removed", (l) => l.slice(1), { line: 1, kind: "removed" }],
    ["two records were swapped", (l) => l.toSpliced(1, 2, l[2] ?? "", l[1] ?? ""), { line: 2, kind: "reordered" }],
    ["a record was repeated", (l) => l.toSpliced(2, 0, l[1] ?? ""), { line: 3, kind: "reordered" }],
    ["the last record was removed", (l) => l.slice(0, -1), { line: 6, kind: "truncated" }],
    ["everything was removed", () => [], { line: 1, kind: "truncated" }],
    ["the end was cut in a line", (l) => l.with(5, (l[5] ?? "").slice(0, 40)), { line: 6, kind: "truncated" }],
  ])("names the line when %s", async (_case, change, fault) => {
    const { where, file, lines } = await sixRecords();
    writeFileSync(
      file,
      change(lines)
        .map((line) => `${line}\n`)
        .join(""),
    );
    if (fault.kind === "truncated") writeFileSync(file, readFileSync(file, "utf8").replace(/(?<!\})\n$/, ""));
    expect((await verifyAuditLog(where)).fault).toMatchObject(fault);
  });

  it("finds a chain that was made anew with every hash right", async () => {
    const { where, file, lines } = await sixRecords();
    let previous = noHash;
    const forged = lines.map(() => {
      const { line, hash } = formatRecord(decision({ id: "1" }), at, previous);
      previous = hash;
      return line;
    });
    writeFileSync(file, [...forged, ...forged].slice(0, 6).join(""));
    expect((await verifyAuditLog(where)).fault).toMatchObject({ line: 6 });
  });

  it("finds a well-made record that this program did not write", async () => {
    const { where, file, lines } = await sixRecords();
    const hash = parseRecord(lines[5] ?? "")?.hash ?? "";
    appendFileSync(file, formatRecord(decision(), at, hash).line);
    expect((await verifyAuditLog(where)).fault).toMatchObject({ line: 7, kind: "unanchored" });
  });

  it("says when the file is gone, or was never anchored", async () => {
    const { where, file, stateDirectory } = await sixRecords();
    const text = readFileSync(file);
    rmSync(file);
    expect((await verifyAuditLog(where)).fault).toMatchObject({ kind: "removed" });
    writeFileSync(file, text);
    rmSync(stateDirectory, { recursive: true });
    expect((await verifyAuditLog(where)).fault).toMatchObject({ kind: "unanchored" });
  });

  it("finds any single byte that was changed", async () => {
    const { where, file } = await sixRecords();
    const bytes = readFileSync(file);
    for (let i = 0; i < bytes.length; i += 7) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 0x80;
      writeFileSync(file, changed);
      expect((await verifyAuditLog(where)).fault, `byte ${i}`).toBeDefined();
    }
  });
});
