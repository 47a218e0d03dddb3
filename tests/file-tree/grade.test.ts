import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { gradeOf, memoryFileSystem, permissionFault } from "../../src/file-tree/grade.js";
import { scratchDirectory } from "../support/directory.js";

const isOnDisk = memoryFileSystem(process.cwd()) === undefined;
const sharedMemory = "/dev/shm";
const hasSharedMemory = memoryFileSystem(sharedMemory) === "tmpfs";

test.each([
  [0o400, "ramfs", "secure"],
  [0o400, "tmpfs", "weak"],
  [0o400, undefined, "weak"],
  [0o600, "ramfs", "insecure"],
  [0o500, "ramfs", "insecure"],
  [0o440, "ramfs", "insecure"],
  [0o444, "tmpfs", "insecure"],
  [0o644, undefined, "insecure"],
] as const)("mode %o in %s is %s", (mode, fileSystem, grade) => {
  expect(gradeOf(0o100000 | mode, fileSystem)).toBe(grade);
});

test.skipIf(!hasSharedMemory)("a file in memory is one, and may be open to others", () => {
  const directory = mkdtempSync(join(sharedMemory, "mxm-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = fileOf(directory, 0o444);
  expect(memoryFileSystem(file)).toBe("tmpfs");
  expect(permissionFault(file, statSync(file))).toBeUndefined();
});

test("where a file that is gone lies is not known", () => {
  expect(memoryFileSystem(join(scratchDirectory(), "gone"))).toBeUndefined();
});

test.skipIf(!isOnDisk)(
  "a file of a disk must be closed to others, except in a generation of a Kubernetes volume",
  () => {
    // The directory of temporary files may be in memory; that of the checkout is not.
    const directory = mkdtempSync(join(process.cwd(), ".grade-test-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    expect(permissionFault(fileOf(directory, 0o600), statSync(join(directory, "a")))).toBeUndefined();
    expect(permissionFault(fileOf(directory, 0o640), statSync(join(directory, "a")))).toMatchObject({
      message: expect.stringContaining("mode 0640"),
    });
    const generation = join(directory, "..2026_11_29");
    mkdirSync(generation);
    const open = statSync(fileOf(generation, 0o644));
    expect(permissionFault(join(generation, "a"), open)).toBeUndefined();
    // Where Compose mounts files of the disk.
    expect(permissionFault("/run/secrets/of-a-test", open)).toBeUndefined();
    expect(permissionFault("/srv/run/secrets/of-a-test", open)).toBeDefined();
  },
);

function fileOf(directory: string, mode: number): string {
  const file = join(directory, "a");
  writeFileSync(file, "v");
  chmodSync(file, mode);
  return file;
}
