import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useRepository } from "../support/repository.js";

const value = `token-${randomBytes(12).toString("hex")}`;
const use = () => useRepository({ api_key: value });

describe.skipIf(isWithoutGit)("what is staged", () => {
  test("is looked at as it would be committed, whatever the work tree holds meanwhile", async () => {
    const { write, staged, git, commit, files } = use();
    write("file", "nothing");
    write("old", "nothing");
    commit("start");
    write("file", `\n\n${value}`);
    git("add", "file");
    write("file", "reverted");
    write("old", `not staged: ${value}`);
    expect(await staged()).toEqual(["file:3: api_key (as it is)"]);
    expect(await files()).toEqual(["old:1: api_key (as it is)"]);
  });

  test("is looked at before the first commit as well", async () => {
    const { write, staged, git } = use();
    write("file", value);
    write(".env.production", "TOKEN=something\n");
    git("add", "--all");
    expect(await staged()).toEqual([
      ".env.production:1: TOKEN (plaintext in an env file)",
      "file:1: api_key (as it is)",
    ]);
  });

  test("is what changed: a renamed file and one that became a link, and none that was there or is removed", async () => {
    const { write, staged, git, commit } = use();
    write("there", value);
    write("moved", value);
    write("removed", value);
    commit("start");
    git("mv", "moved", "to");
    git("rm", "--quiet", "removed");
    git("update-index", "--add", "--cacheinfo", `160000,${git("rev-parse", "HEAD")},module`);
    expect(await staged()).toEqual(["to:1: api_key (as it is)"]);
    expect(await staged((path) => path.toString() === "there")).toEqual([]);
  });

  test("is not known while a merge is not resolved, which is said", async () => {
    const { write, staged, git, commit } = use();
    commit("start");
    git("checkout", "--quiet", "-b", "side");
    write("file", value);
    write("of-side", value);
    commit("side");
    git("checkout", "--quiet", "main");
    write("file", "nothing");
    commit("main");
    expect(() => git("merge", "--quiet", "side")).toThrow("git merge");
    expect(await staged()).toEqual(["of-side:1: api_key (as it is)", "file: its merge conflict is not resolved"]);
    git("add", "file");
    expect(await staged()).toEqual(["file:4: api_key (as it is)", "of-side:1: api_key (as it is)"]);
  });

  test("has names of any bytes", async () => {
    const { write, staged, git, commit, directory } = use();
    commit("start");
    const names = ["new\nline", " space", 'quo"te', "-option", ":(top)magic", "*"];
    for (const name of names) write(name, value);
    git("-C", directory, "add", "--all");
    const found = names.map((name) => `${name}:1: api_key (as it is)`);
    expect((await staged()).toSorted()).toEqual(found.toSorted());
  });

  test("is in the index a hook is told of", async () => {
    const { write, git, commit, repository, environment, directory, staged } = use();
    write("file", "nothing");
    commit("start");
    write("file", value);
    const index = { ...environment, GIT_INDEX_FILE: join(directory, ".git/other-index") };
    expect(await staged()).toEqual([]);
    spawnSync("git", ["read-tree", "HEAD"], { cwd: directory, env: index });
    spawnSync("git", ["add", "file"], { cwd: directory, env: index });
    const again = useRepository({ api_key: value });
    Object.assign(again.environment, { GIT_INDEX_FILE: index.GIT_INDEX_FILE, GIT_DIR: join(directory, ".git") });
    expect(await again.staged()).toEqual(["file:1: api_key (as it is)"]);
    expect((await repository()).top).toBe(directory);
    expect(git("status", "--porcelain", "file")).toBe("M file");
  });
});
