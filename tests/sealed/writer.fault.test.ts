import { spawn, spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSealed } from "../../src/sealed/format.js";
import { scratchDirectory } from "../support/directory.js";
import { makeTestStore, put, take } from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";

/** util-linux: runs a program with mounts of its own. */
const namespaces = "unshare";
const program = fileURLToPath(new URL("../support/sealed-writer.ts", import.meta.url));
let workshop: string;
let writer: string;

beforeAll(async () => {
  workshop = mkdtempSync(join(tmpdir(), "mxm-fault-"));
  writer = join(workshop, "writer.mjs");
  await build({
    entryPoints: [program],
    outfile: writer,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["age-encryption"],
  });
});
afterAll(() => rmSync(workshop, { recursive: true, force: true }));

/** The writer as a process: it prints the number of each value once that is durable. */
const argumentsOf = (store: TestStore, ...words: string[]): string[] => [writer, store.directory, ...words];

/** What a shell would print of a command that must not change the store. */
function attempt(words: readonly string[], script: string): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(namespaces, ["-m", "sh", "-c", script, "sh", ...words], {
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

const mayMount = spawnSync(namespaces, ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

describe("a writer that is killed at a random moment", () => {
  it("200 times, leaves a store that opens and holds every acknowledged value", { timeout: 300_000 }, async () => {
    const store = await makeTestStore(scratchDirectory());
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < 200; round++) {
      const path = `values/${round % 5}`;
      const last = await new Promise<number>((resolve, reject) => {
        const child = spawn(process.execPath, argumentsOf(store, "count", path, String(round * 1000)));
        let output = "";
        let armed = false;
        child.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          if (!armed) setTimeout(() => child.kill("SIGKILL"), Math.random() * 25);
          armed = true;
        });
        child.on("error", reject);
        child.on("close", () =>
          resolve(
            Number(
              output
                .trimEnd()
                .split("\n")
                .findLast((line) => /^[0-9]+$/.test(line)),
            ),
          ),
        );
      });
      acknowledged.set(path, last);
      for (const [each, number] of acknowledged) {
        expect(Number(await take(store.backend, each, "default"))).toBeGreaterThanOrEqual(number);
      }
    }
    await put(store.backend, "after", "all", "default");
    const left = readdirSync(join(store.directory, "repository"));
    expect(left.toSorted()).toEqual([".key", "secrets.enc"]);
  });
});

describe("writers at once", () => {
  it("20 processes that set different names lose none", { timeout: 120_000 }, async () => {
    const store = await makeTestStore(scratchDirectory());
    const paths = Array.from({ length: 20 }, (_, index) => `process/${index}`);
    const codes = await Promise.all(
      paths.map(
        async (path) =>
          new Promise((resolve) => {
            const child = spawn(process.execPath, argumentsOf(store, "once", path, path), { stdio: "ignore" });
            child.on("close", resolve);
          }),
      ),
    );
    expect(codes).toEqual(paths.map(() => 0));
    for (const path of paths) expect(await take(store.backend, path, "default")).toBe(path);
    expect(parseSealed(readFileSync(store.file)).contents.generation).toBe(21);
  });
});

describe("a reader while a writer is at work", () => {
  it("always gets a value, never an alarm", { timeout: 60_000 }, async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "0", "default");
    const child = spawn(process.execPath, argumentsOf(store, "count", "a", "1"), { stdio: "ignore" });
    const closed = new Promise((resolve) => child.once("close", resolve));
    let last = 0;
    while (last <= 200) {
      const value = Number(await take(store.backend, "a", "default"));
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
    child.kill("SIGKILL");
    await closed;
  });
});

describe.skipIf(!mayMount)("a file system that does not take the write (needs the right to mount)", () => {
  it("because the disk is full: a clear error, the old file intact, nothing left over", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "default");
    const repository = join(store.directory, "repository");
    const saved = join(workshop, "saved");
    const after = join(workshop, "after.enc");
    const { status, text } = attempt(
      [process.execPath, ...argumentsOf(store, "once", "large", "x".repeat(100_000))],
      `cp -a ${repository} ${saved} && mount -t tmpfs -o size=64k none ${repository} && cp -a ${saved}/. ${repository} && { "$@"; code=$?; cp ${repository}/secrets.enc ${after}; ls -A ${repository}; exit $code; }`,
    );
    expect(text).toMatch(/^unavailable: cannot write .*: the disk is full$/m);
    expect(text).not.toContain(".tmp");
    expect(status).toBe(4);
    expect(readFileSync(after).equals(readFileSync(store.file))).toBe(true);
    expect(await take(store.backend, "a", "default")).toBe("value");
  });

  it("because the state directory is read-only: exit 4, and the old file is intact", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "default");
    const state = store.place.stateDirectory;
    const before = readFileSync(store.file);
    const { status, text } = attempt(
      [process.execPath, ...argumentsOf(store, "once", "a", "other")],
      `mount --bind ${state} ${state} && mount -o remount,bind,ro ${state} && "$@"`,
    );
    expect(text).toMatch(/^unavailable: cannot keep what was seen of the sealed store: .* read-only$/m);
    expect(status).toBe(4);
    expect(readFileSync(store.file).equals(before)).toBe(true);
  });

  it("because it is read-only: a clear error, the old file intact", async () => {
    const store = await makeTestStore(scratchDirectory());
    await put(store.backend, "a", "value", "default");
    const repository = join(store.directory, "repository");
    const before = readFileSync(store.file);
    const { status, text } = attempt(
      [process.execPath, ...argumentsOf(store, "once", "b", "other")],
      `mount --bind ${repository} ${repository} && mount -o remount,bind,ro ${repository} && "$@"`,
    );
    expect(text).toMatch(/^unavailable: cannot .*: the file system is read-only$/m);
    expect(status).toBe(4);
    expect(readFileSync(store.file).equals(before)).toBe(true);
    expect(await take(store.backend, "a", "default")).toBe("value");
  });
});

describe("a lock left by a writer that was killed", () => {
  it("does not keep the next writer waiting", { timeout: 60_000 }, async () => {
    const store = await makeTestStore(scratchDirectory());
    const child = spawn(process.execPath, argumentsOf(store, "hold"));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(lstatSync(`${store.file}.lock`, { throwIfNoEntry: false })).toBeDefined();
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    await put(store.backend, "a", "value", "default");
    expect(await take(store.backend, "a")).toBe("value");
    expect(lstatSync(`${store.file}.lock`, { throwIfNoEntry: false })).toBeUndefined();
  });
});
