import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { findProgram, withAbsolutePath } from "../../src/process/program-path.js";
import { runProgram } from "../../src/process/run-program.js";
import { scratchDirectory } from "../support/directory.js";

function directoryWith(name: string, mode = 0o755): string {
  const directory = scratchDirectory();
  writeFileSync(join(directory, name), "#!/bin/sh\necho theirs\n");
  chmodSync(join(directory, name), mode);
  return directory;
}

describe("an environment for programs", () => {
  test("keeps the absolute directories of PATH in their order, and everything else", () => {
    const environment = { PATH: ":/usr/bin:./bin:.:bin::/bin:", HOME: "/h", UNSET: undefined };
    expect(withAbsolutePath(environment)).toEqual({ ...environment, PATH: "/usr/bin:/bin" });
    expect(withAbsolutePath({ PATH: "/a:/b" })).toEqual({ PATH: "/a:/b" });
    expect(withAbsolutePath({})).toEqual({});
  });

  test("never has an empty PATH, which would be the working directory", () => {
    for (const path of ["", ".", ":", "bin"]) expect(withAbsolutePath({ PATH: path }).PATH).toBe("/usr/bin:/bin");
  });
});

describe("the file of a program", () => {
  test("is the first on PATH that may be run", () => {
    const [blocked, first, second] = [directoryWith("tool", 0o644), directoryWith("tool"), directoryWith("tool")];
    mkdirSync(join(blocked, "folder"));
    expect(findProgram("tool", { PATH: [blocked, first, second].join(":") })).toBe(join(first, "tool"));
    expect(findProgram("folder", { PATH: blocked })).toBeUndefined();
    expect(findProgram("sh", {})).toMatch(/^\/(usr\/)?bin\/sh$/);
  });

  test("is never looked for where the process happens to be", async () => {
    const directory = directoryWith("tool-of-nowhere");
    const environment = { PATH: [relative(process.cwd(), directory), "", "."].join(":") };
    expect(findProgram("tool-of-nowhere", environment)).toBeUndefined();
    const call = { argv: ["tool-of-nowhere"] as const, timeoutMilliseconds: 10_000, maximumOutputBytes: 100 };
    await expect(runProgram({ ...call, environment })).rejects.toMatchObject({ reason: "not_installed" });
    expect((await runProgram({ ...call, environment: { PATH: directory } })).stdout.toString()).toBe("theirs\n");
  });
});
