import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { scratchDirectory } from "../support/directory.js";

const programs = {
  git: 'echo "git version 2.0.1"',
  gopass: 'echo "some other program"',
  keyctl: 'echo "keyctl from keyutils-1.6.3 (Built 2022-12-18)"',
};

/** A checkout on a machine whose PATH has these small programs and no others. */
function makeMachine(scripts: Readonly<Record<string, string>> = programs) {
  const directory = scratchDirectory();
  const path = join(directory, "path");
  const tools = join(directory, ".tools");
  mkdirSync(path);
  cpSync(resolve(import.meta.dirname, "../../scripts"), join(directory, "scripts"), { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  const run = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { status, stderr } = spawnSync(process.execPath, [join(directory, "scripts/install-tools.mjs"), ...argv], {
      env: { PATH: path, HOME: directory, ...environment },
      encoding: "utf8",
    });
    return { status, lines: stderr.split("\n").filter(Boolean) };
  };
  return { directory, path, tools, run };
}

describe("installing the programs for the real-tool tests", () => {
  test("links what the system has, names the rest with how to get it, and is content with that outside of CI", () => {
    const { run, tools, path } = makeMachine();
    const { status, lines } = run([]);
    expect(status).toBe(0);
    expect(lines).toContain(`found    git 2.0.1: ${join(path, "git")}`);
    expect(readlinkSync(join(tools, "bin/git"))).toBe(join(path, "git"));
    expect(lines.find((line) => line.startsWith("missing  gpg:"))).toMatch(/install the package `gnupg`/);
    expect(lines.find((line) => line.startsWith("missing  sops:"))).toMatch(/takes Go 1\.24 or newer.*go\.dev/);
    expect(lines.find((line) => line.startsWith("missing  python:"))).toMatch(/install the package `python3-venv`/);
  });

  test("fails in CI, for `--check`, and for a program asked for by name", () => {
    const { run } = makeMachine();
    expect(run([], { CI: "true" }).status).toBe(1);
    expect(run(["--check"]).status).toBe(1);
    expect(run(["sops"])).toMatchObject({ status: 1, lines: [expect.stringMatching(/^missing {2}sops: /)] });
    expect(run(["git"], { CI: "true" })).toMatchObject({ status: 0, lines: [expect.stringMatching(/^found {4}git /)] });
    expect(run(["sobs"])).toMatchObject({ status: 2, lines: [expect.stringMatching(/^usage: .* sops, /)] });
  });

  test("`--check` makes nothing", () => {
    const { run, tools } = makeMachine();
    run(["--check"]);
    expect(existsSync(tools)).toBe(false);
  });

  test("a program that is another of the same name counts as missing", () => {
    const { run } = makeMachine({ ...programs, git: 'echo "a game"' });
    expect(run(["git"]).lines).toEqual([expect.stringMatching(/^missing {2}git: /)]);
  });

  test("a link to a program that is gone is made anew", () => {
    const first = makeMachine();
    first.run(["git"]);
    const second = join(first.directory, "second");
    cpSync(first.path, second, { recursive: true });
    const { status } = first.run(["git"], { PATH: second });
    expect(status).toBe(0);
    expect(readlinkSync(join(first.tools, "bin/git"))).toBe(join(second, "git"));
  });

  test.skipIf(process.getuid?.() !== 0 || process.platform !== "linux")(
    "all missing packages are installed by one call, and a second run makes none",
    () => {
      const { run, path, directory, tools } = makeMachine({ ...programs, "apt-get": 'echo "$@" >>"$HOME/apt"' });
      run([]);
      const calls = readFileSync(join(directory, "apt"), "utf8").trim().split("\n");
      expect(calls).toHaveLength(1);
      const [call = ""] = calls;
      expect(call).toMatch(/^install -y --no-install-recommends /);
      const packages = call.split(" ").slice(3);
      expect(new Set(packages).size).toBe(packages.length);
      expect(packages).toEqual(expect.arrayContaining(["gnupg", "pass", "age", "golang-go", "python3-venv"]));
      expect(packages).not.toContain("git");
      expect(packages).not.toContain("keyutils");
      expect(readdirSync(join(tools, "bin")).toSorted()).toEqual(["git", "keyctl"]);
      expect(readdirSync(path)).toContain("apt-get");
      run(["git", "keyctl"]);
      expect(readFileSync(join(directory, "apt"), "utf8").trim().split("\n")).toHaveLength(1);
    },
  );
});
