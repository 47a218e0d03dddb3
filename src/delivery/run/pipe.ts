import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
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
 * `/dev/stderr`, where many write their log. These are named pipes in a private directory that is gone before they are used.
 *
 * @returns one for each stream; none where there is no mkfifo(1)
 */
export function makePipes<T>(streams: readonly T[]): readonly (readonly [stream: T, pipe: Pipe])[] {
  const directory = mkdtempSync(join(tmpdir(), "mxm-secrets-"));
  const files = streams.map((_, index) => join(directory, String(index)));
  try {
    const { status } = spawnSync("mkfifo", ["-m", "600", ...files], {
      env: { PATH: "/usr/bin:/bin" },
      stdio: "ignore",
    });
    return status === 0 ? streams.map((stream, index) => [stream, openPipe(join(directory, String(index)))]) : [];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
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
