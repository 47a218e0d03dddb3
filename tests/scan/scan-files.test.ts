import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratchDirectory } from "../support/directory.js";
import { isWithoutGit } from "../support/programs.js";
import { useRepository } from "../support/repository.js";

const value = `token-${randomBytes(12).toString("hex")}`;
const use = () => useRepository({ api_key: value });

describe.skipIf(isWithoutGit)("in a repository", () => {
  test("tracked files and those git would add are looked at, ignored ones are not, whatever the directory", async () => {
    const { write, files, commit, directory } = use();
    write("tracked", `\n${value}`);
    write("other", value);
    commit("start");
    write(".gitignore", "ignored\nbuild/\n");
    write("new/file", `${value} ${value}\n${value}`);
    write("ignored", value);
    write("build/out", value);
    const found = ["new/file:1: api_key (as it is)", "new/file:2: api_key (as it is)"];
    expect(await files()).toEqual([...found, "other:1: api_key (as it is)", "tracked:2: api_key (as it is)"]);
    expect(await files([], join(directory, "new"))).toEqual([
      "../other:1: api_key (as it is)",
      "../tracked:2: api_key (as it is)",
      "file:1: api_key (as it is)",
      "file:2: api_key (as it is)",
    ]);
    expect(await files(["new"])).toEqual(found);
    expect(await files(["other", "./other"])).toEqual(["other:1: api_key (as it is)"]);
  });

  test("an ignored file or directory is looked at when it is named", async () => {
    const { write, files } = use();
    write(".gitignore", "ignored\nbuild/\n");
    write("ignored", value);
    write("build/deep/out", value);
    expect(await files(["ignored", "build"])).toEqual([
      "build/deep/out:1: api_key (as it is)",
      "ignored:1: api_key (as it is)",
    ]);
    await expect(files(["nowhere"])).rejects.toThrow("`nowhere`: no such file or directory");
  });

  test("env files with plaintext and keys are found in what git has or would add, and nowhere else", async () => {
    const { write, files, git } = use();
    const key = randomBytes(32).toString("base64url");
    for (const folder of ["a", "ignored"]) {
      write(`${folder}/.env`, "TOKEN=something\nEMPTY=\n");
      write(`${folder}/.env.example`, "TOKEN=something\n");
      write(`${folder}/.key`, `${key}=\n`);
    }
    write(".gitignore", "/ignored\n");
    const found = ["a/.env:1: TOKEN (plaintext in an env file)", "a/.key:1: Fernet key (private key)"];
    expect(await files()).toEqual(found);
    expect(await files(["ignored"])).toEqual([]);
    git("add", "--force", "ignored/.env");
    expect(await files()).toEqual([...found, "ignored/.env:1: TOKEN (plaintext in an env file)"]);
  });

  test("what is left out is not looked at, and nothing that only begins like it", async () => {
    const { write, files, directory } = use();
    for (const name of ["part/a", "part/b", "part-two", "c"]) write(name, value);
    const leavingOut = (...names: readonly string[]) =>
      files(
        [],
        directory,
        [],
        names.map((name) => join(directory, name)),
      );
    expect(await leavingOut("part")).toEqual(["c:1: api_key (as it is)", "part-two:1: api_key (as it is)"]);
    expect(await leavingOut("part/a", "part-two", "c")).toEqual(["part/b:1: api_key (as it is)"]);
  });

  test("links are not followed unless named, and what is no file is passed over", async () => {
    const { write, files, directory, git } = use();
    const outside = scratchDirectory();
    writeFileSync(join(outside, "file"), value);
    symlinkSync(join(outside, "file"), join(directory, "link"));
    symlinkSync(outside, join(directory, "folder"));
    symlinkSync(value, join(directory, "telling"));
    spawnSync("mkfifo", [join(directory, "pipe")]);
    write("gone", value);
    git("add", "--all");
    rmSync(join(directory, "gone"));
    expect(await files()).toEqual(["telling:1: api_key (as it is)"]);
    expect(await files(["pipe", "telling"]).catch(({ message }: Error) => message)).toContain("no such file");
    const found = [expect.stringMatching(/^\.\.\/.*\/file:1: api_key \(as it is\)$/)];
    expect(await files(["pipe", "link"])).toEqual(found);
    expect(await files(["folder"])).toEqual(found);
  });

  test.skipIf(process.platform !== "linux")("a file that cannot be read is named, not passed over", async () => {
    expect(await use().files(["/proc/self/mem"])).toEqual([
      expect.stringMatching(/^[./]*proc\/\d+\/mem: input\/output error$/),
    ]);
  });

  test("names of any bytes are looked at, shown in one line, and without a value in them", async () => {
    const { write, files, directory } = use();
    write("new\nline \"quoted\" 'both' $(x)", value);
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/latin-`), Buffer.of(0xfc)]), value);
    write(`of-${value}.txt`, "nothing");
    expect(await files()).toEqual([
      "latin-\\xfc:1: api_key (as it is)",
      "new\nline \"quoted\" 'both' $(x):1: api_key (as it is)",
      `of-${"*".repeat(value.length)}.txt: api_key (in the file's name)`,
    ]);
  });

  test("a directory within the repository is part of a file's name, one above it is not", async () => {
    // The beginning of every scratch directory.
    const { write, files, directory } = useRepository({ user: "mxm-test-" });
    write("file", "nothing");
    expect(await files()).toEqual([]);
    write("mxm-test-1/file", "nothing");
    const found = ["*********1/file: user (in the file's name)"];
    expect(await files()).toEqual(found);
    expect(await files([], join(directory, "mxm-test-1"))).toEqual(["file: user (in the file's name)"]);
  });

  test("a bare repository has none, and nobody is told that they are clean", async () => {
    const { git, files, staged } = use();
    git("config", "core.bare", "true");
    const refusal = { code: "invalid_input", message: expect.stringContaining("is in a bare repository") };
    await expect(files()).rejects.toMatchObject(refusal);
    await expect(staged()).rejects.toMatchObject(refusal);
  });

  test.skipIf(process.getuid?.() === 0)("a directory that cannot be listed is named, not passed over", async () => {
    const { write, files, directory } = use();
    write(".gitignore", "build\n");
    write("build/inner/file", value);
    chmodSync(join(directory, "build/inner"), 0);
    expect(await files(["build"])).toEqual(["build/inner: permission denied"]);
  });

  test("binary files, one huge line and UTF-16 are no hindrance", async () => {
    const { write, files } = use();
    const noise = randomBytes(3_000_000);
    write("binary", Buffer.concat([noise, Buffer.from(value), noise]));
    write("line", `${"x".repeat(5_000_000)}${value}${"y".repeat(100)}\n`);
    write("utf-16.reg", Buffer.from(`\ufefffirst\r\nkey=${value}\r\n`, "utf16le"));
    const found = await files();
    expect(found.map((line) => line.replace(/\d+/, "N"))).toEqual([
      "binary:N: api_key (as it is)",
      "line:N: api_key (as it is)",
      "utf-N.reg:2: api_key (UTF-16)",
    ]);
    expect(found[0]).toContain(`:${noise.filter((byte) => byte === 0x0a).length + 1}:`);
  });

  test("a submodule and a repository within are not entered", async () => {
    const { files, directory, write } = use();
    mkdirSync(join(directory, "inner"));
    spawnSync("git", ["init", "--quiet", join(directory, "inner")]);
    write("inner/file", value);
    expect(await files()).toEqual([]);
    expect(await files(["inner"])).toEqual(["inner/file:1: api_key (as it is)"]);
  });
});

test("outside of a repository everything is looked at but files that hold plaintext by design", async () => {
  const directory = scratchDirectory();
  mkdirSync(join(directory, ".git"));
  for (const name of ["a", ".env", ".git/config"]) writeFileSync(join(directory, name), `TOKEN=${value}\n`);
  const { files } = use();
  expect(await files([], directory)).toEqual([".env:1: api_key (as it is)", "a:1: api_key (as it is)"]);
  expect(await files([], directory, [join(directory, ".env")])).toEqual(["a:1: api_key (as it is)"]);
});
