import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UnavailableError } from "../../src/errors.js";
import { writeFileAtomically } from "../../src/files/atomic.js";
import { scratchDirectory } from "../support/directory.js";
import { bundleForNode } from "../support/processes.js";

describe("writeFileAtomically", () => {
  it("writes text and bytes with exactly the mode asked for", () => {
    const directory = scratchDirectory();
    const file = join(directory, "a");
    writeFileAtomically(file, "text", { mode: 0o600 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileAtomically(file, Uint8Array.of(0, 255), { mode: 0o666 });
    expect([...readFileSync(file)]).toEqual([0, 255]);
    expect(statSync(file).mode & 0o777).toBe(0o666);
    expect(readdirSync(directory)).toEqual(["a"]);
  });

  it("replaces the file instead of changing it, so that a reader keeps what it opened", () => {
    const file = join(scratchDirectory(), "a");
    writeFileAtomically(file, "one", { mode: 0o600 });
    const before = statSync(file).ino;
    writeFileAtomically(file, "two", { mode: 0o600 });
    expect(statSync(file).ino).not.toBe(before);
  });

  it("writes a file with the longest name there can be", () => {
    const directory = scratchDirectory();
    const name = "x".repeat(255);
    writeFileAtomically(join(directory, name), "new", { mode: 0o600 });
    expect(readdirSync(directory)).toEqual([name]);
  });

  it("follows a symbolic link and keeps it", () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, "real"));
    writeFileSync(join(directory, "real", "a"), "old");
    symlinkSync("real/a", join(directory, "link"));
    writeFileAtomically(join(directory, "link"), "new", { mode: 0o600 });
    expect(lstatSync(join(directory, "link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, "real", "a"), "utf8")).toBe("new");
  });

  it.each([
    ["a missing directory", "no/a", "no such file or directory"],
    ["a file where a directory should be", "file/a", "a part of the path is not a directory"],
    ["a directory in its place", "directory", "it is a directory"],
    ["a name that is too long", "x".repeat(300), "the name is too long"],
    ["a link that leads nowhere", "dangling", "no such file or directory"],
  ])("says in words that it met %s, and leaves no other file", (_case, name, words) => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, "file"), "");
    mkdirSync(join(directory, "directory", "full"), { recursive: true });
    symlinkSync("nowhere", join(directory, "dangling"));
    const before = readdirSync(directory);
    const attempt = (): void => writeFileAtomically(join(directory, name), "x", { mode: 0o600 });
    expect(attempt).toThrow(UnavailableError);
    expect(attempt).toThrow(words);
    expect(readdirSync(directory)).toEqual(before);
  });

  it.runIf(process.platform === "linux")("keeps the old file when the new one cannot be written whole", async () => {
    const directory = scratchDirectory();
    const script = await bundleForNode("tests/files/write-one-file.ts", directory);
    const file = join(directory, "a");
    writeFileSync(file, "old");
    // The limit counts blocks of 1 KiB; ignoring SIGXFSZ turns it into the error a full disk gives.
    const shell = `trap '' XFSZ; ulimit -f 64; exec "$0" "$1" "$2" 100000`;
    const output = execFileSync("bash", ["-c", shell, process.execPath, script, file], { encoding: "utf8" });
    expect(output).toMatch(/^unavailable cannot write `.*\/a`: the file would be larger than allowed/);
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
