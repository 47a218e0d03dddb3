import { readdirSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { verifyAuditLog } from "../../src/audit/verify.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode, startNode } from "../support/processes.js";

it(
  "stays valid, and keeps every acknowledged record, when writers are killed at random",
  { timeout: 300_000 },
  async () => {
    const directory = scratchDirectory();
    const where = { file: join(directory, "audit.jsonl"), stateDirectory: join(directory, "state") };
    const script = await bundleForNode("tests/audit/append-events.ts", directory);
    let acknowledged = 0;
    for (let round = 0; round < 100; round++) {
      const writers = ["a", "b"].map((name) => startNode(script, where.file, where.stateDirectory, "100000", name));
      // In half of the rounds while they append, however slow the machine is; in the others also while they start.
      if (round % 2 === 0)
        await Promise.race(writers.flatMap(({ child, ended }) => [once(child.stdout ?? child, "data"), ended]));
      else await pause(60);
      await pause(Math.random() * 120);
      for (const { child } of writers) child.kill("SIGKILL");
      for (const { stdout, stderr } of await Promise.all(writers.map(({ ended }) => ended))) {
        expect(stderr).toBe("");
        acknowledged += stdout.length;
      }
      const { fault } = await verifyAuditLog(where);
      expect(fault, `round ${round}`).toBeUndefined();
    }
    expect((await startNode(script, where.file, where.stateDirectory, "1", "c").ended).code).toBe(0);
    const { fault, records } = await verifyAuditLog(where);
    expect(fault).toBeUndefined();
    expect(records).toBeGreaterThan(acknowledged);
    expect(acknowledged).toBeGreaterThanOrEqual(50);
    expect(readdirSync(directory).filter((name) => name.startsWith("audit.jsonl."))).toEqual([]);
  },
);
