import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addScan, isEmptyHook, withoutScan } from "../../src/scan/hook.js";
import { scratchDirectory } from "../support/directory.js";

/** What a hook does with something in the place of the command that says how it was called. */
function runHook(text: string, environment: Readonly<Record<string, string>> = {}) {
  const bin = scratchDirectory();
  writeFileSync(join(bin, "mxm-secrets"), '#!/bin/sh\necho "mxm-secrets $*"; test -z "$FINDS"\n', { mode: 0o755 });
  const { stdout, stderr, status } = spawnSync("/bin/sh", ["-s"], {
    input: text,
    encoding: "utf8",
    env: { PATH: `${bin}:/usr/bin:/bin`, ...environment },
  });
  return { stdout, stderr, status };
}

const scan = "mxm-secrets scan --staged";
const added = (present: string | undefined, command = scan) => {
  const change = addScan(present, command);
  if ("refusal" in change) throw new Error(change.refusal);
  return change.text;
};

test("a new hook scans, and lets nothing pass that the scan stops", () => {
  expect(runHook(added(undefined))).toEqual({ stdout: `${scan}\n`, stderr: "", status: 0 });
  expect(runHook(added(undefined), { FINDS: "1" })).toMatchObject({ status: 1 });
});

test("without the command nothing is committed, and it is said how to commit all the same", () => {
  const { stderr, status } = spawnSync("/bin/sh", ["-s"], {
    input: added(undefined),
    encoding: "utf8",
    env: { PATH: "/nonexistent" },
  });
  expect(status).toBe(1);
  expect(stderr).toContain("mxm-secrets is not installed");
  expect(stderr).toContain("git commit --no-verify");
});

test.each([
  "#!/bin/sh\necho theirs\nexit 0\n",
  "#!/usr/bin/env bash\nset -e\necho theirs\n",
  "#!/bin/sh",
  "#!/usr/bin/env -S dash -e\necho theirs",
  "echo theirs\n",
  "",
  "#!/bin/sh\r\necho theirs\r\n",
])("what a hook did it does after the scan, and is byte for byte what it was without it: %j", (present) => {
  const once = added(present);
  expect(added(once)).toBe(once);
  expect(withoutScan(once)).toBe(present === "#!/bin/sh" ? "#!/bin/sh\n" : present);
  expect(once.startsWith("#!")).toBe(present.startsWith("#!"));
  if (present.includes("\r")) return;
  expect(runHook(once).stdout).toBe(present.includes("theirs") ? `${scan}\ntheirs\n` : `${scan}\n`);
  expect(runHook(once, { FINDS: "1" })).toMatchObject({ status: 1, stdout: `${scan}\n` });
});

test("the scan of another time is replaced in its place", () => {
  const other = added(added("#!/bin/sh\necho theirs\n", "mxm-secrets scan --staged --only first"));
  expect(runHook(other).stdout).toBe(`${scan}\ntheirs\n`);
});

test.each(["#!/usr/bin/python3\nprint()\n", "#!/usr/bin/env node\n", "#!/usr/bin/fish\n", "\u007fELF\0\u0001"])(
  "a hook that is no script of a POSIX shell is refused: %j",
  (present) => expect(addScan(present, scan)).toEqual({ refusal: "it is no shell script" }),
);

test("a hook without the scan is left as it is, also one with half a mark", () => {
  for (const text of ["#!/bin/sh\n", "# >>> mxm-secrets scan >>>\n", "# <<< mxm-secrets scan <<<\n"]) {
    expect(withoutScan(text)).toBe(text);
  }
  expect(isEmptyHook(withoutScan(added(undefined)))).toBe(true);
  expect(isEmptyHook("#!/bin/sh\ntrue\n")).toBe(false);
});
