import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UnavailableError } from "../../src/errors.js";
import { openRegular, readRegular } from "../../src/files/open-regular.js";
import { scratchDirectory } from "../support/directory.js";

test("gives a regular file's text, also through a link, and undefined for none", () => {
  const directory = scratchDirectory();
  const file = join(directory, "file");
  const link = join(directory, "link");
  writeFileSync(file, "text");
  symlinkSync(file, link);
  expect(readRegular(file, 4)).toBe("text");
  expect(readRegular(link, 4)).toBe("text");
  expect(readRegular(join(directory, "none"), 4)).toBeUndefined();
  expect(() => readRegular(file, 3)).toThrow(/is longer than 3 bytes/);
  const descriptor = openRegular(file, { follow: false });
  if (descriptor !== undefined) closeSync(descriptor);
  expect(() => openRegular(link, { follow: false })).toThrow(/symbolic link/);
});

test("refuses a named pipe, a device and a directory at once", () => {
  const directory = scratchDirectory();
  execFileSync("mkfifo", [join(directory, "pipe")]);
  mkdirSync(join(directory, "directory"));
  for (const file of [join(directory, "pipe"), join(directory, "directory"), "/dev/zero"]) {
    expect(() => readRegular(file, 4)).toThrow(UnavailableError);
    expect(() => openRegular(file)).toThrow(/is not a regular file/);
  }
});
