import { readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { CancelledError, UnavailableError } from "../../src/errors.js";
import { withLock } from "../../src/files/lock.js";
import { newOwner } from "../../src/files/owner.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode, startNode } from "../support/processes.js";

const nonce = "0123456789abcdef01234567";

describe("withLock", () => {
  it("returns what the work returns and leaves nothing behind", async () => {
    const file = join(scratchDirectory(), "store");
    await expect(withLock(file, () => readdirSync(join(file, "..")))).resolves.toEqual(["store.lock"]);
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it("releases the lock when the work throws", async () => {
    const file = join(scratchDirectory(), "store");
    await expect(withLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(withLock(file, () => 1, { timeoutMilliseconds: 0 })).resolves.toBe(1);
  });

  it("lets callers in one process through one at a time, in order", async () => {
    const file = join(scratchDirectory(), "store");
    const seen: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map((name) =>
        withLock(file, async () => {
          seen.push(`${name} in`);
          await pause(2);
          seen.push(`${name} out`);
        }),
      ),
    );
    expect(seen).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  it("gives up waiting in its own process after the time-out, and the next caller still gets in", async () => {
    const file = join(scratchDirectory(), "store");
    let finish: (() => void) | undefined;
    const first = withLock(file, () => new Promise<void>((resolve) => (finish = resolve)));
    const second = withLock(file, () => 2, { timeoutMilliseconds: 5 });
    const third = withLock(file, () => 3);
    await expect(second).rejects.toThrow(/this process holds it/);
    finish?.();
    await first;
    await expect(third).resolves.toBe(3);
  });

  it("names the holder and what to remove when a living process keeps the lock", async () => {
    const file = join(scratchDirectory(), "store");
    const holder = { ...(await newOwner()), pid: process.ppid, start: undefined };
    symlinkSync(JSON.stringify(holder), `${file}.lock`);
    const attempt = withLock(file, () => 1, { timeoutMilliseconds: 20 });
    await expect(attempt).rejects.toThrow(UnavailableError);
    await expect(attempt).rejects.toMatchObject({
      message: expect.stringContaining(`held by process ${process.ppid} on`),
      hint: expect.stringContaining(`rm ${file}.lock`),
    });
  });

  it("waits for a holder on another host even when no such process runs here", async () => {
    const file = join(scratchDirectory(), "store");
    symlinkSync(JSON.stringify({ nonce, pid: 2 ** 30, host: "elsewhere" }), `${file}.lock`);
    await expect(withLock(file, () => 1, { timeoutMilliseconds: 20 })).rejects.toThrow(/on `elsewhere`/);
    expect(readdirSync(join(file, ".."))).toEqual(["store.lock"]);
  });

  it("takes over from a process that is gone, at once", async () => {
    const file = join(scratchDirectory(), "store");
    symlinkSync(JSON.stringify({ ...(await newOwner()), nonce, pid: 2 ** 30 }), `${file}.lock`);
    await expect(withLock(file, () => 1, { timeoutMilliseconds: 0 })).resolves.toBe(1);
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it.runIf(process.platform === "linux")("takes over when the pid was reused by another process", async () => {
    const file = join(scratchDirectory(), "store");
    symlinkSync(JSON.stringify({ ...(await newOwner()), nonce, start: "1" }), `${file}.lock`);
    await expect(withLock(file, () => 1, { timeoutMilliseconds: 0 })).resolves.toBe(1);
  });

  it("takes over through a guard whose holder died too, and removes what they left", async () => {
    const file = join(scratchDirectory(), "store");
    const dead = { ...(await newOwner()), pid: 2 ** 30 };
    const older = `${file}.lock.${"f".repeat(24)}`;
    symlinkSync(JSON.stringify({ ...dead, nonce }), `${file}.lock`);
    symlinkSync(JSON.stringify({ ...dead, nonce: "e".repeat(24) }), older);
    symlinkSync(JSON.stringify({ ...dead, nonce: "d".repeat(24) }), `${file}.lock.${nonce}`);
    symlinkSync(JSON.stringify({ ...dead, nonce: "c".repeat(24) }), `${older}.tmp`);
    await expect(withLock(file, () => 1, { timeoutMilliseconds: 0 })).resolves.toBe(1);
    expect(readdirSync(join(file, ".."))).toEqual([]);
  });

  it("backs off when the lock changed hands before it won the guard", async () => {
    const file = join(scratchDirectory(), "store");
    const dead = { ...(await newOwner()), nonce, pid: 2 ** 30 };
    const living = { ...(await newOwner()), nonce: "a".repeat(24) };
    symlinkSync(JSON.stringify(dead), `${file}.lock`);
    symlinkSync(JSON.stringify({ ...living, nonce: "b".repeat(24) }), `${file}.lock.${nonce}`);
    const attempt = withLock(file, () => 1, { timeoutMilliseconds: 60 });
    await pause(10);
    rmSync(`${file}.lock`);
    symlinkSync(JSON.stringify(living), `${file}.lock`);
    rmSync(`${file}.lock.${nonce}`);
    await expect(attempt).rejects.toThrow(/held by process/);
    expect(readlinkSync(`${file}.lock`)).toContain(living.nonce);
  });

  it("refuses a lock file it did not write", async () => {
    const file = join(scratchDirectory(), "store");
    writeFileSync(`${file}.lock`, "1234\n");
    await expect(withLock(file, () => 1)).rejects.toThrow(/was not made by this program/);
  });

  it("says that the directory is missing", async () => {
    const file = join(scratchDirectory(), "no", "store");
    await expect(withLock(file, () => 1)).rejects.toThrow(/no such file or directory/);
  });

  it("stops waiting when the signal fires, and does nothing when it fired before", async () => {
    const file = join(scratchDirectory(), "store");
    symlinkSync(JSON.stringify({ nonce, pid: 1, host: "elsewhere" }), `${file}.lock`);
    const controller = new AbortController();
    const attempt = withLock(file, () => 1, { signal: controller.signal });
    controller.abort();
    await expect(attempt).rejects.toThrow(CancelledError);
    await expect(withLock(`${file}2`, () => 1, { signal: controller.signal })).rejects.toThrow(CancelledError);
    await expect(withLock(`${file}2`, () => 1, { timeoutMilliseconds: 0 })).resolves.toBe(1);
  });

  it("loses no increment when several processes count at once", async () => {
    const directory = scratchDirectory();
    const script = await bundleForNode("tests/files/count-under-lock.ts", directory);
    const file = join(directory, "count");
    writeFileSync(file, "0");
    const ended = await Promise.all([1, 2, 3].map(() => startNode(script, file, "60").ended));
    for (const process of ended) expect(process).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(file, "utf8")).toBe("180");
    expect(readdirSync(directory).filter((name) => name.includes("lock") && !name.endsWith(".mjs"))).toEqual([]);
  });

  it("goes on after processes are killed inside the section", async () => {
    const directory = scratchDirectory();
    const script = await bundleForNode("tests/files/count-under-lock.ts", directory);
    const file = join(directory, "count");
    writeFileSync(file, "0");
    const mortals = [1, 2, 3, 4].map(() => startNode(script, file, "500", "0.1").ended);
    const survivor = startNode(script, file, "60").ended;
    expect((await Promise.all(mortals)).map(({ signal }) => signal)).toEqual(Array(4).fill("SIGKILL"));
    expect(await survivor).toMatchObject({ code: 0, stderr: "" });
    expect((await startNode(script, file, "1").ended).code).toBe(0);
    expect(Number(readFileSync(file, "utf8"))).toBe(readFileSync(`${file}.done`, "utf8").length);
    expect(readdirSync(directory).filter((name) => name.includes("lock") && !name.endsWith(".mjs"))).toEqual([]);
  });
});
