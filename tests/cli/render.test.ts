import { execFileSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;

async function useRendering() {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  expect(await project.run(["set", "first_key", "--stdin"], { input: "ü $1\n" })).toMatchObject({ status: 0 });
  return { ...project, file };
}

test("every byte of a template but its references is kept", { timeout }, async () => {
  const { run, file } = await useRendering();
  const before = "\uFEFFa\r\n\tä\u0007 ";
  writeFileSync(file("a.txt"), `${before}\${{ secrets.FIRST_KEY }}\r\n\r`);
  expect((await run(["render", "a.txt"])).bytes).toEqual(Buffer.from(`${before}ü $1\n\r\n\r`));
  writeFileSync(file("plain.yml"), "a:   [ 1,2 ]\r\n# ${{ secrets.x }}\r\n");
  expect((await run(["render", "plain.yml"])).bytes).toEqual(readFileSync(file("plain.yml")));
  expect((await run(["render", "-"], { input: "" })).bytes).toEqual(Buffer.alloc(0));
  expect(await run(["render", "-", "-o", "-"], { input: "x" })).toMatchObject({ status: 0, stdout: "x" });
  expect(existsSync(file("-"))).toBe(false);
});

test("what is no text of reasonable length is refused and not waited for", { timeout }, async () => {
  const { run, file } = await useRendering();
  writeFileSync(file("utf16"), Buffer.from("a ${{ secrets.FIRST_KEY }}", "utf16le"));
  writeFileSync(file("long"), "");
  truncateSync(file("long"), 16 * 1024 * 1024 + 1);
  execFileSync("mkfifo", [file("pipe")]);
  mkdirSync(file("folder"));
  const refusals = [
    ["utf16", 2, "is not UTF-8 text"],
    ["long", 2, "is longer than 16 MiB"],
    ["pipe", 2, "is not a regular file"],
    ["folder", 2, "is not a regular file"],
  ] as const;
  for (const [name, status, message] of refusals) {
    expect(await run(["render", name])).toMatchObject({ status, stdout: "", stderr: expect.stringContaining(message) });
  }
  expect(await run(["render", "/dev/zero"])).toMatchObject({ status: 2 });
});

test.skipIf(isWithoutGit)(
  "a place where a value must not be written is refused before any is read",
  { timeout },
  async () => {
    const { run, shell, file } = await useRendering();
    writeFileSync(file("a.conf"), "${{ secrets.FIRST_KEY }}");
    linkSync(file("a.conf"), file("same"));
    mkdirSync(file("folder"));
    const reads = () => readFileSync(file("audit.jsonl"), "utf8").split("\n").length;
    const before = reads();
    for (const output of [".key", ".key.old"]) {
      expect((await run(["render", "a.conf", "-o", output])).stderr).toContain("a file of this project");
    }
    for (const output of ["", "a.conf", "./folder/../a.conf", "same", "folder", "/dev/null"]) {
      expect({ output, ...(await run(["render", "a.conf", "-o", output])) }).toMatchObject({ status: 2, stdout: "" });
    }
    await shell("git init -q; mkdir -p sub; echo old >sub/out; git add sub/out");
    expect((await run(["render", "../a.conf", "-o", "out"], { cwd: file("sub") })).stderr).toContain("tracked by git");
    expect(readFileSync(file("a.conf"), "utf8")).toBe("${{ secrets.FIRST_KEY }}");
    expect(reads()).toBe(before);
    expect(await run(["render", "a.conf", "-o", "sub/new"])).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "mxm-secrets: `sub/new` holds values and is not in .gitignore: `git add` would take them along\n",
    });
    await shell("echo new >sub/.gitignore");
    expect(await run(["render", "a.conf", "-o", "sub/new"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(readFileSync(file("sub/new"), "utf8")).toBe("ü $1\n");
    expect(statSync(file("sub/new")).mode & 0o777).toBe(0o600);
    expect(reads()).toBeGreaterThan(before);
  },
);

test("a check contacts no store and leaves no record", { timeout }, async () => {
  const { run, file } = await useRendering();
  writeFileSync(file("a.conf"), "${{ secrets.FIRST_KEY }}");
  const log = readFileSync(file("audit.jsonl"));
  writeFileSync(file("secrets.enc"), "no store\n");
  expect(await run(["render", "a.conf", "--check"])).toMatchObject({ status: 0, stderr: "" });
  expect(await run(["render", "a.conf", "--check", "--role", "intern"])).toMatchObject({ status: 3 });
  expect(readFileSync(file("audit.jsonl"))).toEqual(log);
});
