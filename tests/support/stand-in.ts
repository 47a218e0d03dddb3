import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The PATH that a script of a test needs, and nothing of the caller's own. */
export const plainPath = [dirname(process.execPath), "/usr/bin", "/bin"].join(":");

/**
 * A small program written by a test, perhaps under the name of one that is not installed here.
 *
 * @param base - a directory of the test
 * @param script - with its first line `#!…`
 * @returns its file, and the directory that has it alone, to stand first on PATH
 */
export function standIn(
  base: string,
  name: string,
  script: string,
): { readonly program: string; readonly directory: string } {
  const directory = mkdtempSync(join(base, "bin-"));
  const program = join(directory, name);
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return { program, directory };
}

/**
 * A program that speaks the protocol of `docs/command.md` and keeps values as files of a directory. It ends with 10 when
 * there is no such value, and with any other code that the file `fails` in the directory says, after it printed a value.
 * What it does is noted in the file `log`.
 */
export const keeper = `#!/usr/bin/env node
const fs = require("node:fs");
const { createHash } = require("node:crypto");
const { join } = require("node:path");
const [, , directory] = process.argv;
const note = (mark) => fs.appendFileSync(join(directory, "log"), mark + "\\n");
note("+");
process.on("exit", () => note("-"));
const input = fs.readFileSync(0);
const end = input.indexOf(10);
const { version, action, path, store, bytes } = JSON.parse(input.subarray(0, end).toString("utf8"));
const isSlow = action === "read" && fs.existsSync(join(directory, "slow"));
if (isSlow) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
if (version !== 1 || store !== "under_test") process.exit(99);
const file = join(directory, createHash("sha256").update(path).digest("hex"));
const value = input.subarray(end + 1);
if (action === "write" && value.length !== bytes) process.exit(98);
if (action === "write") fs.writeFileSync(file, value);
else if (!fs.existsSync(file)) process.exit(10);
else if (action === "delete") fs.unlinkSync(file);
else fs.writeSync(1, fs.readFileSync(file));
const fails = join(directory, "fails");
if (fs.existsSync(fails)) {
  fs.writeSync(2, fs.readFileSync(file));
  process.exit(Number(fs.readFileSync(fails, "utf8")));
}
`;
