import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { CancelledError } from "../errors.js";
import { endWithUs } from "./end-with-us.js";
import { withAbsolutePath } from "./program-path.js";
import { endGroup } from "./run-program.js";
import { startError } from "./start-error.js";

/** A program whose output is read while it runs, whatever its size. */
export interface PipedProgram {
  /** Standard output in the pieces in which it comes. It ends when the program closes it, however the program ends. */
  readonly output: AsyncIterable<Buffer>;
  /** Writes to standard input and waits while the program does not read. What an ended program does not read is dropped. */
  readonly write: (bytes: string | Uint8Array) => Promise<void>;
  readonly endInput: () => void;
  /**
   * How the program ended: its exit code, `undefined` after a signal, and the first 4 KiB of what it said.
   *
   * @throws UnavailableError when it could not be started, CancelledError when a signal ended this process
   */
  readonly ended: () => Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>;
  /** Ends the program when it still runs; what it printed until then is still to be read. */
  readonly end: () => void;
  /** Ends the program when it still runs, drops what it printed, and waits until it is gone. */
  readonly stop: () => Promise<void>;
}

export interface PipedCall {
  /** The program, looked up on the PATH of `environment`, and its arguments. Never a value. */
  readonly argv: readonly [string, ...string[]];
  /** Everything the program sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const maximumMessageBytes = 4096;

/** Starts a program without a shell, in a process group of its own, which ends with this process. */
export async function startPiped({ argv, environment }: PipedCall): Promise<PipedProgram> {
  const { spawn } = await import("node:child_process");
  const [program, ...rest] = argv;
  let started: ChildProcess | undefined;
  let cancelled: CancelledError | undefined;
  const forget = endWithUs((signal) => {
    cancelled = new CancelledError(`ended by ${signal}`);
    if (started !== undefined) endGroup(started, "SIGTERM");
  });
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(program, rest, {
      env: withAbsolutePath(environment),
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
  } catch (error) {
    forget();
    throw error;
  }
  started = child;
  let failure: Error | undefined;
  const said: Buffer[] = [];
  let saidBytes = 0;
  child.stderr.on("data", (chunk: Buffer) => {
    if (saidBytes < maximumMessageBytes) said.push(chunk.subarray(0, maximumMessageBytes - saidBytes));
    saidBytes += chunk.length;
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on("error", () => undefined);
  const closed = new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      failure ??= startError(program, error);
      resolve(null);
    });
    child.on("close", resolve);
  }).finally(forget);
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) endGroup(child, "SIGTERM");
  };
  return {
    output: child.stdout,
    write: async (bytes) => {
      if (child.stdin.destroyed || child.stdin.write(bytes)) return;
      await Promise.race([new Promise((resolve) => child.stdin.once("drain", resolve)), closed]);
    },
    endInput: () => void child.stdin.end(),
    ended: async () => {
      const exitCode = await closed;
      if (cancelled !== undefined) throw cancelled;
      if (failure !== undefined) throw failure;
      return { exitCode: exitCode ?? undefined, stderr: Buffer.concat(said).toString("utf8") };
    },
    end,
    stop: async () => {
      end();
      // What nobody reads any more would keep the pipe from closing.
      child.stdout.destroy();
      await closed;
    },
  };
}
