import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openAuditLog } from "../../src/audit/log.js";
import { queryAuditLog, tailAuditLog } from "../../src/audit/query.js";
import { scratchDirectory } from "../support/directory.js";
import { decision, outcome } from "./events.js";

async function someLog() {
  const directory = scratchDirectory();
  const file = join(directory, "audit.jsonl");
  let now = 0;
  const log = openAuditLog({ file, stateDirectory: join(directory, "state"), now: () => (now += 1000) });
  await log.append(decision({ id: "1" }));
  await log.append(outcome({ id: "2", outcome: "absent" }));
  await log.append(decision({ id: "3", ref: "other", principal: "execution", verdict: "deny" }));
  await log.append(decision({ id: "4", action: "write" }));
  await log.append(outcome({ id: "5", action: "write", outcome: "written" }));
  return file;
}

describe("queryAuditLog", () => {
  it.each([
    [{}, "12345"],
    [{ name: "other" }, "3"],
    [{ principal: "execution" }, "3"],
    [{ verdict: "deny" }, "3"],
    [{ action: "write" }, "45"],
    [{ outcome: "absent" }, "2"],
    [{ since: 2000, until: 4000 }, "23"],
    [{ name: "databento_api_key", action: "read" }, "12"],
  ] as const)("finds by %o", async (query, ids) => {
    expect([...queryAuditLog(await someLog(), query)].map(({ id }) => id).join("")).toBe(ids);
  });

  it("gives the last records only, when asked for a tail", async () => {
    const file = await someLog();
    expect(tailAuditLog(file, 2).map(({ id }) => id)).toEqual(["4", "5"]);
    expect(tailAuditLog(file, 1, { verdict: "allow", action: "read" }).map(({ id }) => id)).toEqual(["2"]);
    expect(tailAuditLog(file, 0)).toEqual([]);
    expect(tailAuditLog(file, 100)).toHaveLength(5);
  });

  it("finds nothing where no log is, and leaves out a line that is being written", async () => {
    expect([...queryAuditLog(join(scratchDirectory(), "none"))]).toEqual([]);
    const file = await someLog();
    appendFileSync(file, `{"version":1,`);
    expect([...queryAuditLog(file)]).toHaveLength(5);
  });

  it("stops with the line's number at what is no record", async () => {
    const file = await someLog();
    appendFileSync(file, "{}\n");
    expect(() => [...queryAuditLog(file)]).toThrow(/line 6 of the audit log/);
  });

  it("does not keep a line without end in memory", () => {
    const file = join(scratchDirectory(), "big");
    writeFileSync(file, `${"x".repeat(5_000_000)}\n`);
    expect(() => [...queryAuditLog(file)]).toThrow(/line 1/);
  });
});
