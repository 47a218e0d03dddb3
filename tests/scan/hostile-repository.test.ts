import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useRepository } from "../support/repository.js";

const value = `token-${randomBytes(12).toString("hex")}`;

/** A repository whose own settings and attributes name a program for everything git can run one for. */
function useHostile() {
  const used = useRepository({ api_key: value });
  const { write, commit, git, directory } = used;
  write("file", value);
  commit("start");
  write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
  write("staged", value);
  git("add", "--all");
  const marks = join(directory, "../ran");
  mkdirSync(marks);
  const program = join(directory, "../evil");
  write("../evil", `#!/bin/sh\ntouch "${marks}/$$"\nexit 1\n`);
  chmodSync(program, 0o755);
  const hooks = join(directory, "../hooks");
  mkdirSync(hooks);
  for (const name of ["post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"]) {
    write(`../hooks/${name}`, `#!/bin/sh\ntouch "${marks}/$$"\n`);
    chmodSync(join(hooks, name), 0o755);
  }
  const settings: Readonly<Record<string, string>> = {
    "core.fsmonitor": program,
    "core.hooksPath": hooks,
    "core.pager": program,
    "pager.ls-files": program,
    "pager.rev-list": program,
    "core.editor": program,
    "core.sshCommand": program,
    "core.gitProxy": program,
    "core.alternateRefsCommand": program,
    "credential.helper": program,
    "diff.external": program,
    "diff.evil.command": program,
    "diff.evil.textconv": program,
    "filter.evil.clean": program,
    "filter.evil.smudge": program,
    "filter.evil.process": program,
    "filter.evil.required": "true",
    "merge.evil.driver": program,
    "gpg.program": program,
    "log.showSignature": "true",
    "alias.cat-file": `!${program}`,
    "extensions.partialClone": "origin",
    "remote.origin.promisor": "true",
    "remote.origin.url": directory,
    "remote.origin.uploadpack": program,
    "protocol.file.allow": "always",
    "protocol.allow": "always",
  };
  for (const [name, setting] of Object.entries(settings)) git("config", name, setting);
  const ran = () => {
    const names = readdirSync(marks);
    for (const name of names) rmSync(join(marks, name));
    return names.length;
  };
  return { ...used, ran };
}

describe.skipIf(isWithoutGit)("a repository made by somebody else", () => {
  test("runs none of the programs its settings name", async () => {
    const { files, staged, history, ran, directory, environment } = useHostile();
    ran();
    expect(await files()).toEqual(["file:1: api_key (as it is)", "staged:1: api_key (as it is)"]);
    expect(await staged()).toEqual(["staged:1: api_key (as it is)"]);
    expect(await history()).toEqual([expect.stringMatching(/^[0-9a-f]{12}:file:1: api_key/)]);
    expect(ran()).toBe(0);
    // What git does by itself.
    spawnSync("git", ["status"], { cwd: directory, env: environment });
    expect(ran()).toBeGreaterThan(0);
  });

  test("has no gap filled by a fetch", async () => {
    const { staged, ran, git, directory, environment } = useHostile();
    const id = git("rev-parse", ":staged");
    rmSync(join(directory, ".git/objects", id.slice(0, 2), id.slice(2)));
    ran();
    await expect(staged()).rejects.toMatchObject({ code: "unavailable" });
    expect(ran()).toBe(0);
    spawnSync("git", ["cat-file", "-p", id], { cwd: directory, env: environment });
    expect(ran()).toBeGreaterThan(0);
    expect(existsSync(join(directory, ".git/index.lock"))).toBe(false);
  });

  test("is told apart from no repository when git refuses it", async () => {
    const { files, git, directory } = useRepository({ api_key: value });
    git("config", "core.repositoryFormatVersion", "99");
    await expect(files()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^`git rev-parse` failed: .*version/),
    });
    rmSync(join(directory, ".git"), { recursive: true });
    writeFileSync(join(directory, ".git"), "gitdir: /nowhere\n");
    await expect(files()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^`git rev-parse` failed: .*\/nowhere/),
    });
  });

  test("changes nothing when it is looked at", async () => {
    const { files, staged, history, write, commit, directory } = useRepository({ api_key: value });
    write("file", "nothing");
    commit("start");
    write("file", "more than that");
    const state = () => spawnSync("sh", ["-c", "find .git -type f | sort | xargs sha1sum"], { cwd: directory }).stdout;
    const before = state().toString();
    await Promise.all([files(), staged(), history()]);
    expect(state().toString()).toBe(before);
  });
});

test.skipIf(isWithoutGit)("without git, that is what is said", async () => {
  const { environment, files } = useRepository({ api_key: value });
  environment.PATH = "/nonexistent";
  await expect(files()).rejects.toMatchObject({ code: "unavailable", message: "`git` is not installed" });
});
