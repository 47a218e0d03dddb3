import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePrivateDirectory, privateFault, shellWord } from "../../src/files/private.js";
import { scratchDirectory } from "../support/directory.js";

describe("privateFault", () => {
  it("finds nothing wrong with a file only its owner can use, nor with one that is not there", () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "a"), "", { mode: 0o600 });
    writeFileSync(join(directory, "b"), "", { mode: 0o400 });
    expect(privateFault(join(directory, "a"))).toBeUndefined();
    expect(privateFault(join(directory, "b"))).toBeUndefined();
    expect(privateFault(join(directory, "none"))).toBeUndefined();
  });

  it.each([
    [0o644, "0644", "chmod 600"],
    [0o620, "0620", "chmod 600"],
    [0o601, "0601", "chmod 600"],
    [0o440, "0440", "chmod 400"],
  ])("names the mode and the command for mode %o", (mode, shown, command) => {
    const file = join(scratchDirectory(), "my key");
    writeFileSync(file, "");
    chmodSync(file, mode);
    expect(privateFault(file)).toBe(
      `\`${file}\` is open to the group or to others (mode ${shown}): run \`${command} '${file}'\``,
    );
  });

  it("looks at the file behind a symbolic link", () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "a"), "");
    chmodSync(join(directory, "a"), 0o644);
    symlinkSync("a", join(directory, "link"));
    expect(privateFault(join(directory, "link"))).toContain("mode 0644");
  });

  it("refuses what is not a regular file", () => {
    expect(privateFault(scratchDirectory())).toContain("is not a regular file");
  });

  it.runIf(process.geteuid?.() === 0)("refuses a file of another user", () => {
    const file = join(scratchDirectory(), "a");
    writeFileSync(file, "", { mode: 0o600 });
    chownSync(file, 12_345, 12_345);
    expect(privateFault(file)).toContain("belongs to another user (uid 12345): run `chown");
  });
});

describe("makePrivateDirectory", () => {
  it.skipIf(process.platform !== "linux")("says that nothing can be made where nothing can", () => {
    expect(() => makePrivateDirectory("/proc/x/y")).toThrow(/cannot make the directory/);
  });

  it("makes the directory and its parents for this user alone", () => {
    const directory = join(scratchDirectory(), "a", "b");
    makePrivateDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, "..")).mode & 0o777).toBe(0o700);
  });

  it("leaves one that others may only read as it is", () => {
    const directory = join(scratchDirectory(), "a");
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    makePrivateDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  it("refuses one that others can write to, and a file in its place", () => {
    const directory = join(scratchDirectory(), "a");
    mkdirSync(directory);
    chmodSync(directory, 0o777);
    expect(() => makePrivateDirectory(directory)).toThrow(/other users can change/);
    writeFileSync(join(directory, "file"), "");
    expect(() => makePrivateDirectory(join(directory, "file"))).toThrow(/cannot make the directory/);
  });
});

describe("shellWord", () => {
  it("quotes only what a shell would not take as one word", () => {
    expect(["a/b-1.txt", "a b", "it's", "-x", "$HOME", ""].map(shellWord)).toEqual([
      "a/b-1.txt",
      "'a b'",
      "'it'\\''s'",
      "'-x'",
      "'$HOME'",
      "''",
    ]);
  });
});
