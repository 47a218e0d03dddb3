import { spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** A pipe for a program to write into. */
export interface Pipe {
  /** The end for the program. */
  readonly descriptor: number;
  /** The other end. To be called when the program has got its own. */
  readonly read: () => Readable;
}

/**
 * Makes pipes. Those that Node makes for its children are sockets, which a program cannot open again as `/dev/stdout` or
 * `/dev/stderr`, where many write their log. These are named pipes in a private directory, gone as soon as they are open.
 * They are made by a program, which takes as long as reading a secret does: begin early.
 *
 * @returns as many as asked for; none where there is no mkfifo(1) or no place for them
 */
export async function makePipes(count: number): Promise<readonly Pipe[]> {
  if (count === 0) return [];
  const directory = makeDirectory(["/dev/shm", tmpdir()]);
  if (directory === undefined) return [];
  const files = Array.from({ length: count }, (_, index) => join(directory, String(index)));
  const remove = (): void => {
    for (const file of files) attempt(() => unlinkSync(file));
    attempt(() => rmdirSync(directory));
  };
  process.once("exit", remove);
  try {
    return (await runMkfifo(files)) ? files.map(openPipe) : [];
  } finally {
    process.off("exit", remove);
    remove();
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

async function runMkfifo(files: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn("mkfifo", ["-m", "600", ...files], { env: { PATH: "/usr/bin:/bin" }, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function openPipe(file: string): Pipe {
  const reading = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const descriptor = openSync(file, constants.O_WRONLY);
  return {
    descriptor,
    read: () => {
      closeSync(descriptor);
      return new Socket({ fd: reading, readable: true, writable: false });
    },
  };
}

/** What is not there needs no removing; `rmSync`, which knows that, brings code that a quick command would wait for. */
function attempt(remove: () => void): void {
  try {
    remove();
  } catch {
    // An empty directory of ours is all that can be left.
  }
}
