import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { readNamedPipe } from "./pipe-source.js";
import type { PipeSource } from "./pipe-source.js";

/** A pipe for a program to write into. */
export interface Pipe {
  /** The end for the program. */
  readonly descriptor: number;
  /** The other end. To be called when the program has got its own. */
  readonly read: () => PipeSource;
}

/**
 * Makes pipes in a private directory, gone as soon as they are open.
 *
 * @returns as many as asked for; none where there is no mkfifo(1) or no place for them
 */
export async function makePassingPipes(count: number): Promise<readonly Pipe[]> {
  const directory = makeDirectory(["/dev/shm", process.getBuiltinModule("node:os").tmpdir()]);
  if (directory === undefined) return [];
  const files = Array.from({ length: count }, (_, index) => join(directory, String(index)));
  const remove = (): void => {
    for (const file of files) attempt(() => unlinkSync(file));
    attempt(() => rmdirSync(directory));
  };
  process.once("exit", remove);
  try {
    return (await makeNamedPipes(files)) ? files.map(openPipe) : [];
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/** Makes named pipes, 0600. @returns whether all are there now */
export async function makeNamedPipes(files: readonly string[]): Promise<boolean> {
  const { spawn } = await import("node:child_process");
  return new Promise((resolve) => {
    const child = spawn("mkfifo", ["-m", "600", ...files], { env: { PATH: "/usr/bin:/bin" }, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

/** Opens both ends of a named pipe. @throws the system's error, or a TypeError for a file of another kind */
export function openPipe(file: string): Pipe {
  // Neither end can be opened alone without waiting for the other.
  const first = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(first).isFIFO()) throw new TypeError("expected a named pipe");
    const descriptor = openSync(file, constants.O_WRONLY);
    const reading = openSync(file, constants.O_RDONLY);
    return {
      descriptor,
      read: () => {
        closeSync(descriptor);
        return readNamedPipe(reading);
      },
    };
  } finally {
    closeSync(first);
  }
}

/** In memory first, which is there where a container's own files are read-only. */
function makeDirectory(places: readonly string[]): string | undefined {
  for (const place of places) {
    try {
      return mkdtempSync(join(place, "mxm-secrets-"));
    } catch {
      continue;
    }
  }
  return undefined;
}

/** What is not there needs no removing; `rmSync`, which knows that, brings code that a quick command would wait for. */
function attempt(remove: () => void): void {
  try {
    remove();
  } catch {
    // An empty directory of ours is all that can be left.
  }
}
