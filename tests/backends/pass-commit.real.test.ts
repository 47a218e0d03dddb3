import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, run } from "../support/gopass.js";
import type { GopassMachine } from "../support/gopass.js";
import { canary, failure } from "../support/gopass-backend.js";
import {
  deleteAt,
  freshPassStore,
  isWithoutPass,
  makePassTeam,
  openPass,
  passOf,
  plantFile,
  readAt,
  removePassTeam,
  writeAt,
} from "../support/pass.js";
import type { PassTeam } from "../support/pass.js";
import { isWithoutGit } from "../support/programs.js";

describe.skipIf(isWithoutPass || isWithoutGit)("a pass store in a git repository", { timeout: 60_000 }, () => {
  let team: PassTeam;
  beforeAll(() => {
    team = makePassTeam();
  }, 60_000);
  afterAll(() => removePassTeam(team));

  let count = 0;
  const fresh = () => {
    const machine = freshPassStore(team.bridge, `git${(count += 1)}`);
    passOf(machine, ["git", "init", "--quiet"]);
    return machine;
  };
  const git = (machine: GopassMachine, ...argv: readonly string[]) =>
    must(machine, "git", ["-C", machine.store, ...argv]).toString();
  const log = (machine: GopassMachine) =>
    git(machine, "log", "--format=%s", "--name-only").trim().split("\n").filter(Boolean);
  const open = (machine: GopassMachine, environment: Readonly<Record<string, string>> = {}) =>
    openPass(machine, { commit: true }, environment);
  const hook = (machine: GopassMachine, lines: string) =>
    writeFileSync(join(machine.store, ".git/hooks/post-commit"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });

  test("with `commit`, each change is a commit of that file alone, as those of `pass` are", async () => {
    const machine = fresh();
    const before = log(machine).length;
    await writeAt(open(machine), "a/b", "one");
    await writeAt(open(machine), "a/b", "two");
    passOf(machine, ["insert", "-m", "theirs"], "three\n");
    await deleteAt(open(machine), "a/b");
    const made = log(machine).slice(0, -before).join("\n");
    expect(made).toBe(
      [
        "Remove a/b from store.\na/b.gpg",
        "Add given password for theirs to store.\ntheirs.gpg",
        "Edit password for a/b using mxm-secrets.\na/b.gpg",
        "Add given password for a/b to store.\na/b.gpg",
      ].join("\n"),
    );
    expect(git(machine, "status", "--porcelain")).toBe("");
  });

  test("what else was changed or staged stays as it is", async () => {
    const machine = fresh();
    plantFile(machine, "notes.txt", "staged");
    git(machine, "add", "notes.txt");
    plantFile(machine, "other.txt", "untracked");
    await writeAt(open(machine), "v", "x");
    expect(git(machine, "status", "--porcelain")).toBe("A  notes.txt\n?? other.txt\n");
    expect(git(machine, "show", "--name-only", "--format=").trim()).toBe("v.gpg");
  });

  test("without it, and outside of any repository, nothing is committed", async () => {
    const machine = fresh();
    const before = log(machine);
    await writeAt(openPass(machine), "v", "x");
    expect(log(machine)).toEqual(before);
    expect(git(machine, "status", "--porcelain")).toBe("?? v.gpg\n");
    const plain = freshPassStore(team.bridge, `plain${count}`);
    await writeAt(open(plain), "v", "x");
    expect(await readAt(open(plain), "v")).toBe("x");
  });

  test("a repository around the store's directory is not the store's", async () => {
    const outer = fresh();
    const inner = { ...outer, store: join(outer.store, "inner") };
    mkdirSync(inner.store);
    writeFileSync(join(inner.store, ".gpg-id"), `${outer.fingerprint}\n`);
    const before = log(outer);
    await writeAt(openPass(inner, { commit: true, root: inner.store }), "v", "x");
    expect(log(outer)).toEqual(before);
  });

  test("the nearest repository counts, for a folder that has its own", async () => {
    const machine = fresh();
    const sub = { ...machine, store: join(machine.store, "sub") };
    must(machine, "git", ["init", "--quiet", sub.store]);
    await writeAt(open(machine), "sub/deep/v", "x");
    expect(log(sub)).toEqual(["Add given password for sub/deep/v to store.", "deep/v.gpg"]);
    await deleteAt(open(machine), "sub/deep/v");
    expect(log(sub)[0]).toBe("Remove sub/deep/v from store.");
  });

  test("an entry that git never knew is removed without a commit", async () => {
    const machine = fresh();
    await writeAt(openPass(machine), "v", "x");
    const before = log(machine);
    expect(await deleteAt(open(machine), "v")).toBe(true);
    expect(log(machine)).toEqual(before);
  });

  test("the repository's own hooks run, and see nothing of this program's environment", async () => {
    const machine = fresh();
    const seen = join(team.base, "hook.log");
    hook(machine, `env >'${seen}'; cat >>'${seen}'; ps -o args= -p $PPID >>'${seen}'`);
    await writeAt(open(machine, { MXM_ROLE: "x", OPENAI_API_KEY: canary }), "v", canary);
    const text = readFileSync(seen, "utf8");
    expect(text).toContain("GIT_");
    expect(text).not.toMatch(/canary|MXM_|OPENAI/);
  });

  test("when git refuses, the message says that the value was written, and was not committed", async () => {
    const machine = fresh();
    writeFileSync(join(machine.store, ".git/hooks/pre-commit"), `#!/bin/sh\necho ${canary} >&2\nexit 1\n`, {
      mode: 0o755,
    });
    const error = await failure(writeAt(open(machine), "v", "x"));
    expect(error.code).toBe("unavailable");
    expect(error.message).toBe("`v` was written, but not committed: `git commit` ended with exit code 1");
    expect(error.hint).toContain("git -C");
    expect(await readAt(open(machine), "v")).toBe("x");
    rmSync(join(machine.store, ".git/hooks/pre-commit"));
    git(machine, "commit", "--quiet", "-m", "by hand");
    writeFileSync(join(machine.store, ".git/index.lock"), "");
    expect((await failure(deleteAt(open(machine), "v"))).message).toContain("`v` was removed, but not committed");
  });

  test("a missing git is said, after the value was written", async () => {
    const machine = fresh();
    const bin = join(team.base, "bin");
    mkdirSync(bin, { recursive: true });
    const gpg = must(machine, "sh", ["-c", "command -v gpg"]).toString().trim();
    const store = openPass(machine, { commit: true, program: gpg }, { PATH: bin });
    expect((await failure(writeAt(store, "v", "x"))).message).toBe(
      "`v` was written, but not committed: `git` is not installed",
    );
  });

  test("names that git could take for options or patterns are committed as they are", async () => {
    const machine = fresh();
    for (const name of ["a/-x", "a/*", "a/:(top)b", "a/[b]", "с пробелом/ключ", 'a/"q"']) {
      await writeAt(open(machine), name, "x");
      expect(run(machine, "git", ["-C", machine.store, "status", "--porcelain"]).stdout.toString(), name).toBe("");
    }
  });
});
