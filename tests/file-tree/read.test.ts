import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import { listFiles } from "../../src/file-tree/list.js";
import { readFiles, withFile } from "../../src/file-tree/read.js";
import type { FileTree } from "../../src/file-tree/read.js";
import { asNobody } from "../support/as-nobody.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode } from "../support/processes.js";
import { rotate } from "../support/volume.js";

const canary = "canary-7d20";
const treeOf = (root: string, parts: Partial<FileTree> = {}): FileTree => ({
  root,
  lineEnd: "keep",
  maximumBytes: 1024,
  allowOpen: false,
  ...parts,
});
const read = async (root: string, paths: readonly string[], parts: Partial<FileTree> = {}) =>
  (await readFiles(treeOf(root, parts), paths, undefined)).map((value) => value && Buffer.from(value).toString());
const put = (file: string, value: string | Uint8Array, mode = 0o600) => writeFileSync(file, value, { mode });

describe("files of a directory", () => {
  test("are read in the order asked, absent ones as undefined, an empty one as empty", async () => {
    const root = scratchDirectory();
    mkdirSync(join(root, "db"));
    put(join(root, "db/password"), "one");
    put(join(root, "empty"), "");
    expect(await read(root, ["empty", "none", "db/password", "db/password/x", "db/none", "empty"])).toEqual([
      "",
      undefined,
      "one",
      undefined,
      undefined,
      "",
    ]);
  });

  test("lose a line end as the store says", async () => {
    const root = scratchDirectory();
    put(join(root, "a"), "pw\n");
    expect(await read(root, ["a"])).toEqual(["pw\n"]);
    expect(await read(root, ["a"], { lineEnd: "auto" })).toEqual(["pw"]);
  });

  test("are refused when they are longer than the limit, and read when they are as long", async () => {
    const root = scratchDirectory();
    put(join(root, "a"), "x".repeat(1024));
    expect(await read(root, ["a"])).toEqual(["x".repeat(1024)]);
    put(join(root, "a"), `${canary}${"x".repeat(1024)}`);
    await expect(read(root, ["a"])).rejects.toMatchObject({ code: "unavailable", message: /longer than 1024 bytes$/ });
    truncateSync(join(root, "a"), 2 ** 40);
    await expect(read(root, ["a"])).rejects.toMatchObject({ code: "unavailable" });
  });

  test("are regular: a directory, a pipe, a device and a socket are refused without being opened", async () => {
    const root = scratchDirectory();
    mkdirSync(join(root, "directory"));
    execFileSync("mkfifo", ["-m", "600", join(root, "pipe")]);
    for (const path of ["directory", "pipe"]) {
      await expect(read(root, [path], { allowOpen: true })).rejects.toMatchObject({
        code: "unavailable",
        message: /is not a regular file$/,
      });
    }
  });

  test.runIf(process.platform === "linux").each(["/proc/self", "/proc", "/dev", "/sys"])(
    "are not what the system shows below %s",
    async (root) => {
      await expect(read(root, ["environ"], { allowOpen: true })).rejects.toMatchObject({
        code: "unavailable",
        reason: "unreachable",
      });
      await expect(read("/", [`${root.slice(1)}/environ`, "proc/self/environ"])).rejects.toThrow(/not a regular file/);
    },
  );

  test("are not initialised without their directory, and not one when that is a file", async () => {
    const root = scratchDirectory();
    await expect(read(join(root, "none"), ["a"])).rejects.toMatchObject({
      code: "unavailable",
      reason: "not_initialised",
    });
    put(join(root, "file"), "x");
    await expect(read(join(root, "file"), ["a"])).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
  });

  test("that the system denies are denied, and so is a directory", async () => {
    const root = scratchDirectory();
    chmodSync(root, 0o755);
    put(join(root, "a"), canary, 0o000);
    mkdirSync(join(root, "closed"), { mode: 0o000 });
    await asNobody(async () => {
      for (const path of ["a", "closed/a"]) {
        await expect(read(root, [path])).rejects.toMatchObject({ code: "denied", message: /permission denied$/ });
      }
      await expect(read(join(root, "closed"), ["a"])).rejects.toMatchObject({ code: "denied" });
      expect(await read(root, ["none"])).toEqual([undefined]);
    });
    chmodSync(join(root, "closed"), 0o700);
  });
});

describe("symbolic links", () => {
  test("are followed inside the directory, relative and absolute, and from the directory itself", async () => {
    const base = realpathSync(scratchDirectory());
    const root = join(base, "v2");
    mkdirSync(join(root, "real"), { recursive: true });
    put(join(root, "real/a"), "value");
    symlinkSync("real/a", join(root, "relative"));
    symlinkSync(join(root, "real/a"), join(root, "absolute"));
    symlinkSync("../v2/real", join(root, "out-and-in"));
    symlinkSync("v2", join(base, "current"));
    const paths = ["relative", "absolute", "out-and-in/a"];
    expect(await read(join(base, "current"), paths)).toEqual(["value", "value", "value"]);
  });

  test.each(["../outside", "absolute", "through/secret", "chain"])("that lead out by %s are refused", async (by) => {
    const base = scratchDirectory();
    const root = join(base, "root");
    mkdirSync(root);
    mkdirSync(join(base, "outside"));
    put(join(base, "outside/secret"), canary);
    put(join(base, "root-beside"), canary);
    symlinkSync("../outside/secret", join(root, "up"));
    symlinkSync(join(base, "outside/secret"), join(root, "absolute"));
    symlinkSync("../outside", join(root, "through"));
    symlinkSync("absolute", join(root, "chain"));
    symlinkSync("../root-beside", join(root, "beside"));
    for (const path of [by === "../outside" ? "up" : by, "beside"]) {
      const error: unknown = await read(root, [path], { allowOpen: true }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "denied", message: /leads out of its store by a symbolic link/ });
      expect(JSON.stringify(error)).not.toContain(canary);
    }
  });

  test("that lead nowhere or in a circle are no absence", async () => {
    const root = scratchDirectory();
    symlinkSync("nothing", join(root, "dangling"));
    symlinkSync("../nothing", join(root, "outwards"));
    symlinkSync("circle", join(root, "circle"));
    for (const path of ["dangling", "dangling/a", "outwards", "circle"]) {
      await expect(read(root, [path])).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
    }
  });

  test("put in the place of a file after it was resolved are not followed", () => {
    const base = realpathSync(scratchDirectory());
    put(join(base, "secret"), canary);
    mkdirSync(join(base, "root"));
    put(join(base, "root/a"), "value");
    const file = join(base, "root/a");
    expect(withFile(file, (descriptor) => readFileSync(descriptor, "utf8"))).toBe("value");
    rmSync(file);
    symlinkSync("../secret", file);
    expect(() => withFile(file, (descriptor) => readFileSync(descriptor))).toThrow(/was replaced/);
  });

  test.runIf(process.platform === "linux")("put in the place of its directory are noticed, too", () => {
    const base = realpathSync(scratchDirectory());
    mkdirSync(join(base, "elsewhere"));
    put(join(base, "elsewhere/a"), canary);
    symlinkSync("elsewhere", join(base, "root"));
    expect(() => withFile(join(base, "root/a"), (descriptor) => readFileSync(descriptor))).toThrow(/was replaced/);
  });
});

describe("a Kubernetes volume", () => {
  test("is read through its links, also nested ones and volumes below the directory", async () => {
    const root = scratchDirectory();
    rotate(root, { password: "one", "db/user": "two" });
    mkdirSync(join(root, "below"));
    rotate(join(root, "below"), { token: "three" });
    expect(await read(root, ["password", "db/user", "below/token"])).toEqual(["one", "two", "three"]);
    rotate(root, { password: "new" });
    expect(await read(root, ["password"])).toEqual(["new"]);
  });

  test("that is replaced again and again gives each batch from one generation", { timeout: 60_000 }, async () => {
    const root = scratchDirectory();
    rotate(root, { a: "0", b: "0", c: "0" });
    const writer = spawn(process.execPath, [
      await bundleForNode(join(import.meta.dirname, "rotate-for-ever.ts"), scratchDirectory()),
      root,
    ]);
    onTestFinished(() => void writer.kill("SIGKILL"));
    const seen = new Set<string>();
    while (seen.size < 50) {
      const [a = "none", b, c] = await read(root, ["a", "b", "c"]);
      expect([b, c]).toEqual([a, a]);
      seen.add(a);
      await nextTurn();
    }
  });

  test("whose `..data` leads elsewhere than before is read again, and given up when that does not end", async () => {
    const root = scratchDirectory();
    rotate(root, { a: "old-a", b: "old-b" });
    let switches = 0;
    const signal = new AbortController().signal;
    // Asked between two files of a batch: the moment at which a volume is replaced in this test.
    vi.spyOn(signal, "aborted", "get").mockImplementation(() => {
      if ((switches += 1) === 3) rotate(root, { a: "new-a", b: "new-b" });
      return false;
    });
    const values = await readFiles(treeOf(root), ["a", "b"], signal);
    expect(values.map((value) => value && Buffer.from(value).toString())).toEqual(["new-a", "new-b"]);
    vi.spyOn(signal, "aborted", "get").mockImplementation(() => {
      rotate(root, { a: "x", b: "x" });
      return false;
    });
    await expect(readFiles(treeOf(root), ["a", "b"], signal)).rejects.toMatchObject({
      code: "unavailable",
      message: /was replaced each time it was read/,
    });
  });

  test("whose directory was exchanged while it was read is read again", async () => {
    const base = scratchDirectory();
    for (const name of ["one", "two"]) {
      mkdirSync(join(base, name));
      put(join(base, name, "a"), name);
      put(join(base, name, "b"), name);
    }
    symlinkSync("one", join(base, "current"));
    let asked = 0;
    const signal = new AbortController().signal;
    vi.spyOn(signal, "aborted", "get").mockImplementation(() => {
      if ((asked += 1) === 3) {
        symlinkSync("two", join(base, "next"));
        renameSync(join(base, "next"), join(base, "current"));
      }
      return false;
    });
    const values = await readFiles(treeOf(join(base, "current")), ["a", "b"], signal);
    expect(values.map((value) => value && Buffer.from(value).toString())).toEqual(["two", "two"]);
  });
});

describe("whatever links there are", () => {
  const segment = fc.constantFrom("a", "b", "c", "..", ".", "d", "root", "outside", "secret");
  const target = fc.tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 }));
  const links = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d/a", "d/b"), target), {
    selector: ([name]) => name,
    minLength: 1,
  });

  test("nothing outside the directory is ever read, and whatever is refused is an error of ours", async () => {
    const property = fc.asyncProperty(links, async (entries) => {
      const base = mkdtempSync(join(tmpdir(), "mxm-links-"));
      try {
        const root = join(base, "root");
        mkdirSync(join(root, "d"), { recursive: true });
        mkdirSync(join(base, "outside"));
        put(join(base, "outside/secret"), canary);
        put(join(base, "secret"), canary);
        put(join(root, "d/secret"), "inside");
        for (const [name, [isAbsolute, segments]] of entries) {
          symlinkSync(isAbsolute ? join(base, ...segments) : segments.join("/"), join(root, name));
        }
        for (const path of ["a", "b", "c", "d/a", "d/b", "a/secret", "b/a", "c/outside/secret", "a/d/secret"]) {
          const answer = await read(root, [path], { settleMilliseconds: 0 }).catch((thrown: unknown) => thrown);
          const isError = isSecretsError(answer) && ["denied", "unavailable"].includes(answer.code);
          const isValue = Array.isArray(answer) && [undefined, "inside"].includes(answer[0] as string | undefined);
          expect(isError || isValue, `${path}: ${inspect(answer)}`).toBe(true);
        }
        for (const path of listFiles(root, undefined).paths) expect(await read(root, [path])).toEqual(["inside"]);
      } finally {
        rmSync(base, { recursive: true });
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
