import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { filesBackend } from "../../src/backends/files.js";
import { memoryFileSystem } from "../../src/file-tree/grade.js";
import { asNobody } from "../support/as-nobody.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { rotate } from "../support/volume.js";

const isOnDisk = memoryFileSystem(process.cwd()) === undefined;

function open(options: Readonly<Record<string, unknown>>, changes: Partial<BackendContext> = {}): Backend {
  return filesBackend.open({ name: "mounted", options }, isolatedContext(changes));
}

async function read(backend: Backend, path: string): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

/** On the disk of the checkout: the directory of temporary files may be in memory, where other rules hold. */
function directoryOnDisk(): string {
  const directory = mkdtempSync(join(process.cwd(), ".files-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe("the files backend keeps the contract of every backend", () => {
  const storeAt = (root: string, store: "plain" | "volume") => ({
    options: { root },
    seed: (values: ReadonlyMap<string, Uint8Array>) => {
      if (store === "volume") return rotate(root, Object.fromEntries(values), { mode: 0o400 });
      for (const [path, value] of values) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), value, { mode: 0o600 });
      }
    },
  });
  const broken = (make: (root: string) => void) => () => {
    const root = scratchDirectory();
    make(root);
    return { options: { root } };
  };
  describe.each(["plain", "volume"] as const)("in a %s directory", (kind) => {
    const cases = backendContract({
      definition: filesBackend,
      store: () => storeAt(scratchDirectory(), kind),
      states: {
        denied: broken((root) => {
          const outside = join(scratchDirectory(), "value");
          writeFileSync(outside, hiddenValue, { mode: 0o600 });
          symlinkSync(outside, join(root, "alpha"));
        }),
        locked: "the files are plain text and need no key",
        unavailable: broken((root) => {
          mkdirSync(join(root, "alpha"));
          writeFileSync(join(root, "alpha", hiddenValue), hiddenValue);
        }),
        corrupt: "a file carries nothing to check it by: whatever it holds is the value",
      },
      names: {
        held: [
          "a",
          "A_B.c-d",
          "db/user",
          "-",
          ".hidden",
          "a b",
          "ключ",
          "x".repeat(255),
          `${"x".repeat(255)}2/${"y".repeat(9)}`.slice(1),
        ],
        refused: ["", "/a", "a/../b", "..data", "..data/alpha", "a/..2026", "x".repeat(256), "a\0b", "a\\b"],
      },
      slow: "a regular file is read without waiting, and nothing else is opened",
      concurrency: "files are read one after the other",
    });
    test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });
});

describe("the files backend", () => {
  test.skipIf(existsSync("/run/secrets"))("takes `/run/secrets` when no directory is given", async () => {
    await expect(read(open({}), "a")).rejects.toMatchObject({
      reason: "not_initialised",
      message: "there is no directory `/run/secrets`",
    });
  });

  test("takes a relative directory from that of the configuration", async () => {
    const baseDirectory = scratchDirectory();
    mkdirSync(join(baseDirectory, "secrets"));
    writeFileSync(join(baseDirectory, "secrets/a"), "value\n", { mode: 0o600 });
    expect(await read(open({ root: "secrets" }, { baseDirectory }), "a")).toBe("value");
    expect(await read(open({ root: "secrets", newline: "keep" }, { baseDirectory }), "a")).toBe("value\n");
  });

  test("finds systemd's credentials in the environment, and is not initialised outside of a unit", async () => {
    const root = scratchDirectory();
    writeFileSync(join(root, "token"), "value", { mode: 0o400 });
    const environment = { CREDENTIALS_DIRECTORY: root };
    expect(await read(open({ credentials: true }, { environment }), "token")).toBe("value");
    expect(await open({ credentials: true }, { environment }).list?.({})).toEqual(["token"]);
    for (const unset of [{}, { CREDENTIALS_DIRECTORY: "" }]) {
      const backend = open({ credentials: true }, { environment: unset });
      await expect(read(backend, "token")).rejects.toMatchObject({ code: "unavailable", reason: "not_initialised" });
      expect((await backend.check?.(["token"], {}, new Map()))?.findings).toMatchObject([
        { severity: "problem", code: "unavailable", unavailable: "not_initialised" },
      ]);
    }
    const relative = open({ credentials: true }, { environment: { CREDENTIALS_DIRECTORY: "creds" } });
    await expect(read(relative, "token")).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
  });

  test.skipIf(!isOnDisk)("refuses a file of a disk that others may read, unless it is told to take it", async () => {
    const root = directoryOnDisk();
    writeFileSync(join(root, "a"), "canary");
    chmodSync(join(root, "a"), 0o644);
    await expect(read(open({ root }), "a")).rejects.toMatchObject({
      code: "unavailable",
      reason: "unreachable",
      hint: `run \`chmod 600 ${join(root, "a")}\`, or give \`--allow-insecure-permissions\``,
    });
    const findingsOf = async (backend: Backend) => (await backend.check?.(["a"], {}, new Map()))?.findings;
    expect(await findingsOf(open({ root }))).toMatchObject([{ severity: "problem", code: "unavailable" }]);
    const allowed = [open({ root, permissions: "any" }), open({ root }, { allowInsecurePermissions: true })];
    for (const backend of allowed) {
      expect(await read(backend, "a")).toBe("canary");
      expect(await findingsOf(backend)).toMatchObject([{ severity: "warning" }]);
    }
  });

  test("takes what kubelet puts there with mode 0644, and check grades it", async () => {
    const root = directoryOnDisk();
    rotate(root, { a: "1", b: "2", c: "3", d: "4" });
    expect(await read(open({ root }), "a")).toBe("1");
    const lines: string[] = [];
    const report = await open({ root }).check?.(
      ["a", "b", "c", "d", "none"],
      { trace: (line) => lines.push(line) },
      new Map(),
    );
    expect(report?.findings).toEqual([
      {
        severity: "warning",
        message: "open to the group or to others, which `systemd-creds list` grades insecure: `a`, `b`, `c` and 1 more",
        hint: "ask whoever puts them there for mode 0400: `defaultMode: 0400` in Kubernetes, `mode: 0400` in Docker",
      },
    ]);
    expect([...(report?.presence ?? [])].map(([, presence]) => presence)).toEqual([
      "present",
      "present",
      "present",
      "present",
      "absent",
    ]);
    expect(lines).toContain("`a` is insecure, as `systemd-creds list` grades");
    rotate(root, { a: "1" }, { mode: 0o400 });
    expect((await open({ root }).check?.(["a"], {}, new Map()))?.findings).toEqual([]);
  });

  test("check says of each path whether this user can read it, and shows no value", async () => {
    const root = scratchDirectory();
    chmodSync(root, 0o755);
    writeFileSync(join(root, "there"), "canary", { mode: 0o644 });
    writeFileSync(join(root, "closed"), "canary", { mode: 0o000 });
    mkdirSync(join(root, "folder"));
    symlinkSync("/etc/hostname", join(root, "out"));
    writeFileSync(join(root, "long"), "", { mode: 0o644 });
    truncateSync(join(root, "long"), 16 * 1024 * 1024 + 1);
    const backend = open({ root, permissions: "any" });
    // What is loaded when needed must not be looked for by a user who may not read the checkout.
    await backend.check?.([], {}, new Map());
    const report = await asNobody(async () =>
      backend.check?.(["there", "closed", "folder", "out", "none", "long"], {}, new Map()),
    );
    expect([...(report?.presence ?? [])]).toEqual([
      ["there", "present"],
      ["closed", "unreadable"],
      ["folder", "unknown"],
      ["out", "unreadable"],
      ["none", "absent"],
      ["long", "unknown"],
    ]);
    expect(report?.findings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/long` is longer than 16777216 bytes$/),
    );
    expect(JSON.stringify(report)).not.toContain("canary");
  });

  test("lists paths, and says under --verbose how many entries are none", async () => {
    const root = scratchDirectory();
    writeFileSync(join(root, "a"), "");
    symlinkSync("/etc/hostname", join(root, "out"));
    const lines: string[] = [];
    expect(await open({ root }).list?.({ trace: (line) => lines.push(line) })).toEqual(["a"]);
    expect(lines).toEqual(["1 entries left out: they are no files, or cannot be reached"]);
  });

  test.each([
    [{ root: 5 }, /stores\.mounted\.root: expected the path of a directory/],
    [{ root: "" }, /stores\.mounted\.root/],
    [{ root: "a\0b" }, /stores\.mounted\.root/],
    [{ credentials: "yes" }, /stores\.mounted\.credentials: expected true or false/],
    [{ credentials: true, root: "a" }, /stores\.mounted\.credentials: expected either `root` or `credentials`/],
    [{ newline: "chomp" }, /stores\.mounted\.newline: expected `auto`, `strip_one` or `keep`/],
    [{ permissions: "0644" }, /stores\.mounted\.permissions: expected `private` or `any`/],
  ])("refuses the options %j", (options, message) => {
    expect(() => open(options)).toThrow(message);
  });
});
