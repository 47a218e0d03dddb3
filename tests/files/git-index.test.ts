import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isTrackedByGit } from "../../src/files/git-index.js";
import { scratchDirectory } from "../support/directory.js";
import { isWithoutGit } from "../support/programs.js";

const settings = ["-c", "user.name=t", "-c", "user.email=t@t.test", "-c", "init.defaultBranch=main"];

function git(directory: string, ...words: string[]): string {
  const env = { PATH: process.env["PATH"] ?? "", HOME: directory, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...settings, ...words], { cwd: directory, env, encoding: "utf8" });
}

/** A repository in which some files are tracked and one, which sorts between them, is not. */
function repository(...initWords: string[]): string {
  const directory = realpathSync(scratchDirectory());
  git(directory, "init", "-q", ...initWords);
  mkdirSync(join(directory, "deep", "er"), { recursive: true });
  for (const name of [".gitignore", ".key", ".keys", "deep/er/.key", "deep/er/zz", "a.key"]) {
    writeFileSync(join(directory, name), `# ${name}\n`);
  }
  git(directory, "add", ".gitignore", ".key", ".keys", "deep/er/zz");
  return directory;
}

const names = [".key", "deep/er/zz", "deep/er/.key", "a.key", "key"];

function trackedIn(directory: string): string[] {
  return names.filter((name) => isTrackedByGit(join(directory, name)));
}

describe.skipIf(isWithoutGit)("whether git tracks a file is read from", () => {
  it.each([2, 3, 4])("an index of version %i", (version) => {
    const directory = repository();
    if (version === 3) git(directory, "add", "--intent-to-add", "a.key");
    git(directory, "update-index", "--index-version", String(version));
    if (version === 3) git(directory, "rm", "-q", "--cached", "a.key");
    expect(trackedIn(directory)).toEqual([".key", "deep/er/zz"]);
  });

  it.each([2, 4])("an index of version %i with SHA-256 object ids", (version) => {
    const directory = repository("--object-format=sha256");
    git(directory, "update-index", "--index-version", String(version));
    expect(trackedIn(directory)).toEqual([".key", "deep/er/zz"]);
  });

  it("an index of version 4 whose names have little in common", () => {
    const directory = repository();
    const long = `${"a".repeat(200)}.key`;
    writeFileSync(join(directory, long), "");
    git(directory, "add", long);
    git(directory, "update-index", "--index-version", "4");
    expect(trackedIn(directory)).toEqual([".key", "deep/er/zz"]);
    expect(isTrackedByGit(join(directory, long))).toBe(true);
  });

  it("an entry with extended flags", () => {
    const directory = repository();
    git(directory, "add", "--intent-to-add", "a.key");
    expect(isTrackedByGit(join(directory, "a.key"))).toBe(true);
    expect(isTrackedByGit(join(directory, "deep/er/.key"))).toBe(false);
  });

  it("a split index", () => {
    const directory = repository();
    git(directory, "update-index", "--split-index");
    git(directory, "add", "a.key");
    expect(isTrackedByGit(join(directory, ".key"))).toBe(true);
    expect(isTrackedByGit(join(directory, "a.key"))).toBe(true);
  });

  it("the index of a linked work tree", () => {
    const directory = repository();
    git(directory, "commit", "-q", "-m", "files");
    const linked = join(realpathSync(scratchDirectory()), "linked");
    git(directory, "worktree", "add", "-q", linked);
    expect(trackedIn(linked)).toEqual([".key", "deep/er/zz"]);
  });

  it("nothing outside a repository, and in one without an index", () => {
    const directory = realpathSync(scratchDirectory());
    expect(isTrackedByGit(join(directory, ".key"))).toBe(false);
    git(directory, "init", "-q");
    expect(isTrackedByGit(join(directory, ".key"))).toBe(false);
  });

  it("a damaged index without failing", () => {
    const directory = repository();
    writeFileSync(
      join(directory, ".git", "index"),
      Buffer.concat([Buffer.from("DIRC\0\0\0\x04\xff\xff\xff\xff", "latin1"), Buffer.alloc(90)]),
    );
    expect(isTrackedByGit(join(directory, ".key"))).toBe(false);
  });
});
