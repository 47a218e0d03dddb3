import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useRepository } from "../support/repository.js";

const value = `token-${randomBytes(12).toString("hex")}`;
const use = () => useRepository({ api_key: value });

describe.skipIf(isWithoutGit)("history", () => {
  test("tells the first commit of what was deleted since, at every path it had", async () => {
    const { write, history, commit, git, files } = use();
    const start = commit("start");
    write("first", `\n${value}\n`);
    const first = commit("first");
    git("mv", "first", "second");
    const second = commit("second");
    git("rm", "--quiet", "second");
    commit("third");
    expect(await files()).toEqual([]);
    const found = [`${first}:first:2: api_key (as it is)`, `${second}:second:2: api_key (as it is)`];
    expect(await history()).toEqual(found);
    expect(await history(`${start}..${first}`)).toEqual(found.slice(0, 1));
    expect(await history(`${second}..HEAD`)).toEqual([]);
    expect(await history(undefined, (path) => path.toString() === "second")).toEqual(found.slice(1));
  });

  test("reaches every branch, tag and stash, merges, and messages of commits and tags", async () => {
    const { write, history, commit, git } = use();
    write("file", "nothing");
    commit("start");
    git("checkout", "--quiet", "-b", "side");
    write("on-branch", value);
    const onBranch = commit("side");
    git("checkout", "--quiet", "main");
    write("file", value);
    git("stash", "--quiet");
    const stash = git("rev-parse", "stash").slice(0, 12);
    git("checkout", "--quiet", "--detach");
    write("on-tag", value);
    const onTag = commit(`subject\n\nbody ${value}`);
    git("tag", "--annotate", "v1", "--message", `release\n\n${value}`);
    const tag = git("rev-parse", "v1").slice(0, 12);
    git("checkout", "--quiet", "main");
    git("merge", "--quiet", "--no-ff", "--no-commit", "side");
    write("evil", value);
    const merge = commit("merged");
    expect((await history()).toSorted()).toEqual(
      [
        `${onBranch}:on-branch:1: api_key (as it is)`,
        `${stash}:file:1: api_key (as it is)`,
        `${onTag}:on-tag:1: api_key (as it is)`,
        `${onTag}:(commit message):3: api_key (as it is)`,
        `${tag}:(tag message):3: api_key (as it is)`,
        `${merge}:evil:1: api_key (as it is)`,
        // The same contents, so one version at four paths.
      ].toSorted(),
    );
  });

  test("reaches older stashes", async () => {
    const { write, history, commit, git } = use();
    write("file", "nothing");
    commit("start");
    write("file", value);
    git("stash", "--quiet");
    const stash = git("rev-parse", "stash").slice(0, 12);
    write("file", "other");
    git("stash", "--quiet");
    expect(await history()).toEqual([`${stash}:file:1: api_key (as it is)`]);
  });

  test("has values in the names of files, whatever the contents are called elsewhere", async () => {
    const { write, history, commit, git } = use();
    write("a", "nothing");
    commit("start");
    git("mv", "a", `b-${value}`);
    const moved = commit("moved");
    git("mv", `b-${value}`, "c");
    const back = commit("back");
    const found = [`${moved}:b-${"*".repeat(value.length)}: api_key (in the file's name)`];
    expect(await history()).toEqual(found);
    expect(await history(`${moved}..${back}`)).toEqual([]);
    expect(await history(undefined, (path) => path.toString() === "a")).toEqual([]);
  });

  test("has env files, keys, and names of any bytes", async () => {
    const { write, history, commit, git } = use();
    write(".env", "TOKEN=something\n");
    write("new\nline", value);
    write(".key", `${randomBytes(32).toString("hex")}\n`);
    const first = commit("start");
    git("rm", "--quiet", "-r", ".");
    commit("gone");
    expect(await history()).toEqual([
      `${first}:.env:1: TOKEN (plaintext in an env file)`,
      `${first}:.key:1: Fernet key (private key)`,
      `${first}:new\nline:1: api_key (as it is)`,
    ]);
  });

  test("holds a name against contents only where they have it", async () => {
    const { write, history, commit, git } = use();
    write(".env", "TOKEN=something\n");
    const first = commit("start");
    git("mv", ".env", "notes");
    commit("moved");
    const found = [`${first}:.env:1: TOKEN (plaintext in an env file)`];
    expect(await history()).toEqual(found);
    git("mv", "notes", ".env.local");
    const again = commit("again");
    expect(await history()).toEqual([...found, `${again}:.env.local:1: TOKEN (plaintext in an env file)`]);
  });

  test("is not believed when an object is missing", async () => {
    const { write, history, commit, git, directory } = use();
    write("file", value);
    commit("start");
    const id = git("rev-parse", "HEAD:file");
    rmSync(join(directory, ".git/objects", id.slice(0, 2), id.slice(2)), { force: true });
    await expect(history()).rejects.toMatchObject({ code: "unavailable" });
  });

  test("replaced objects do not hide what is behind them", async () => {
    const { write, history, commit, git } = use();
    write("file", value);
    const first = commit("start");
    write("file", "nothing");
    const second = commit("clean");
    git("replace", git("rev-parse", `${first}:file`), git("rev-parse", `${second}:file`));
    expect(await history()).toContain(`${first}:file:1: api_key (as it is)`);
  });

  test("of a range git does not know is refused, and a range is never an option", async () => {
    const { history, commit, directory } = use();
    commit("start");
    await expect(history("no..where")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(history(`--output=${directory}/made`)).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("of a repository without a commit is empty", async () => {
    expect(await use().history()).toEqual([]);
  });
});
