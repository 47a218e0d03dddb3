import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { filesBackend } from "../../src/backends/files.js";
import { memoryFileSystem } from "../../src/file-tree/grade.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { findNullKey, systemdCreds } from "../support/systemd-creds.js";

const nullKey = findNullKey();
const readable = { permissions: "any", credentials: true } as const;

function open(credentials: string, options: Readonly<Record<string, unknown>> = readable) {
  const environment = { CREDENTIALS_DIRECTORY: credentials };
  return filesBackend.open({ name: "unit", options }, isolatedContext({ environment }));
}

describe.skipIf(nullKey === undefined)("the files backend beside the real systemd-creds", () => {
  test.each([
    ["text with a newline", Buffer.from("hunter2\n"), Buffer.from("hunter2")],
    ["a key of several lines", Buffer.from("-----BEGIN-----\nabc\n-----END-----\n"), undefined],
    ["every byte", Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index)), undefined],
    ["nothing", Buffer.alloc(0), undefined],
  ])("reads %s that it encrypted and decrypted", async (_what, value, expected = value) => {
    const base = scratchDirectory();
    const credentials = join(base, "credentials");
    mkdirSync(credentials, { mode: 0o700 });
    const sealed = join(base, "token");
    systemdCreds(["encrypt", `--with-key=${nullKey}`, "--name=token", "-", sealed], value);
    const allowing = nullKey === "null" ? ["--allow-null"] : [];
    systemdCreds(["decrypt", "--name=token", ...allowing, sealed, join(credentials, "token")]);
    chmodSync(join(credentials, "token"), 0o400);
    const read = await open(credentials).read(issueGrantForContract("token", "read"), {});
    expect(read && Buffer.from(read)).toEqual(expected);
    const shown = systemdCreds(["cat", "token"], "", { CREDENTIALS_DIRECTORY: credentials });
    expect(shown).toEqual(value);
  });

  test.for(["disk", "tmpfs", "ramfs"])(
    "grades the files of a directory as its list does, on %s",
    async (on, { skip }) => {
      const directory = directoryOn(on) ?? skip(`this user can have no directory on ${on}`);
      const modes = [0o400, 0o600, 0o444, 0o440, 0o640, 0o644, 0o500, 0o000];
      for (const mode of modes) {
        writeFileSync(join(directory, `mode-${mode.toString(8)}`), "v");
        chmodSync(join(directory, `mode-${mode.toString(8)}`), mode);
      }
      const listed: unknown = JSON.parse(
        systemdCreds(["list", "--json=short"], "", { CREDENTIALS_DIRECTORY: directory }).toString(),
      );
      const theirs = new Map<string, string>();
      for (const row of Array.isArray(listed) ? listed : []) {
        const { name, secure } = Object(row) as Readonly<Record<string, unknown>>;
        theirs.set(String(name), String(secure));
      }
      const backend = open(directory);
      const paths = (await backend.list?.({})) ?? [];
      expect(paths).toEqual([...theirs.keys()].toSorted());
      const ours = new Map<string, string>();
      const trace = (line: string) => {
        const [, path = "", grade = ""] = /^`(.*)` is (\w+), as/.exec(line) ?? [];
        ours.set(path, grade);
      };
      await backend.check?.(paths, { trace }, new Map());
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
      expect(theirs.get("mode-400")).toBe(on === "ramfs" ? "secure" : "weak");
      expect(theirs.get("mode-444")).toBe("insecure");
    },
  );
});

/** An empty directory of this test, or `undefined` where the system has no such place for this user. */
function directoryOn(place: string): string | undefined {
  const base = { disk: process.cwd(), tmpfs: "/dev/shm", ramfs: tmpdir() }[place] ?? tmpdir();
  if (place === "tmpfs" && memoryFileSystem(base) !== "tmpfs") return undefined;
  const directory = mkdtempSync(join(base, ".systemd-creds-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  if (place !== "ramfs") return directory;
  if (spawnSync("mount", ["-t", "ramfs", "ramfs", directory]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", [directory]));
  return directory;
}
