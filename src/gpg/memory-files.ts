import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { endAfterCleaning } from "../process/end-with-us.js";

const directoryInMemory = "/dev/shm";
/** `TMPFS_MAGIC` of statfs(2). */
const tmpfs = 0x01021994;
const suffix = ".gpg";

/**
 * Files for one run of a program that writes a file for each file it reads. What it reads lies in a directory that only
 * this user can enter. What it writes goes to files that live in memory and have no name: it reaches them through this
 * process's list of open files, where the names of its outputs lead. So no disk sees them, nothing of them is left
 * however the processes end, and once this process is gone the names lead nowhere.
 *
 * The program does not inherit the files by number: one that does not would find a file of its own under that number,
 * its key ring for instance, and write there.
 */
export interface MemoryFiles {
  /** The names of the inputs, all ending in {@link suffix}; the program's output for each is the name without it. */
  readonly inputs: readonly string[];
  /** How many bytes were written for an input. */
  readonly lengthOf: (index: number) => number;
  readonly read: (index: number) => Buffer;
  /** Empties and closes the files, and removes the directory. To be called once; no signal ends this process before. */
  readonly remove: () => void;
}

/** @returns `undefined` where the system has no such files, or no room for them; then no file is left either */
export function makeMemoryFiles(contents: readonly Uint8Array[]): MemoryFiles | undefined {
  let directory: string;
  try {
    if (process.platform !== "linux" || statfsSync(directoryInMemory).type !== tmpfs) return undefined;
    directory = mkdtempSync(join(directoryInMemory, "mxm-secrets-"));
  } catch {
    return undefined;
  }
  const cleaned = endAfterCleaning();
  const descriptors: number[] = [];
  const remove = (): void => {
    // The names first: a program that is late must not find them leading to what gets these descriptors next.
    rmSync(directory, { recursive: true, force: true });
    for (const descriptor of descriptors.splice(0)) {
      ftruncateSync(descriptor);
      closeSync(descriptor);
    }
    cleaned();
  };
  try {
    const inputs = contents.map((content, index) => {
      const name = join(directory, String(index));
      const descriptor = openSync(name, "wx+", 0o600);
      descriptors.push(descriptor);
      unlinkSync(name);
      symlinkSync(ownName(descriptor), name);
      writeFileSync(name + suffix, content, { flag: "wx", mode: 0o600 });
      return name + suffix;
    });
    return { inputs, lengthOf, read, remove };
  } catch {
    remove();
    return undefined;
  }

  function lengthOf(index: number): number {
    return fstatSync(descriptorOf(index)).size;
  }

  function read(index: number): Buffer {
    const bytes = Buffer.alloc(lengthOf(index));
    const count = readSync(descriptorOf(index), bytes, 0, bytes.length, 0);
    return bytes.subarray(0, count);
  }

  function descriptorOf(index: number): number {
    const descriptor = descriptors[index];
    if (descriptor === undefined) throw new RangeError(`there is no file ${index}`);
    return descriptor;
  }
}

/** The name under which other processes of this user can open a file that is open here. */
function ownName(descriptor: number): string {
  const name = `/proc/${process.pid}/fd/${descriptor}`;
  const ours = fstatSync(descriptor);
  const found = statSync(name);
  // In a container, /proc may be that of the machine, where the number of this process is another's.
  if (found.ino === ours.ino && found.dev === ours.dev && found.nlink === 0) return name;
  throw new Error("/proc does not show this process");
}
