import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryCandidates, memoryPlace } from "../../../src/delivery/run/memory-place.js";
import { UnavailableError } from "../../../src/errors.js";

test("nothing is ever written to a disk: without a file system in memory there is no place", () => {
  expect(() => memoryPlace(["/proc", "/no/such/directory"])).toThrow(UnavailableError);
  expect(memoryCandidates({})).toEqual(["/dev/shm"]);
  expect(memoryCandidates({ XDG_RUNTIME_DIR: "/run/user/1" })).toEqual(["/dev/shm", "/run/user/1"]);
  expect(memoryCandidates({ XDG_RUNTIME_DIR: "relative" })).toEqual(["/dev/shm"]);
});

describe.skipIf(!existsSync("/dev/shm"))("in memory", () => {
  test("a directory where others could replace what this user makes is no place", () => {
    const directory = mkdtempSync(join("/dev/shm", "mxm-place-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    expect(memoryPlace(["/proc", directory])).toBe(directory);
    chmodSync(directory, 0o777);
    expect(() => memoryPlace([directory])).toThrow("there is no file system in memory here");
    chmodSync(directory, 0o1777);
    expect(memoryPlace([directory])).toBe(directory);
  });
});
