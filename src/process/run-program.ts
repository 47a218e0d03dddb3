import type { ChildProcess } from "node:child_process";
import { CancelledError, quote, throwIfCancelled, UnavailableError } from "../errors.js";
import { endWithUs } from "./end-with-us.js";
import { withAbsolutePath } from "./program-path.js";
import { startError } from "./start-error.js";

/** One run of a program. */
export interface ProgramCall {
  /**
   * The program, looked up in the absolute directories on the PATH of `environment` unless it has a `/`, and its arguments.
   * Never a value.
   */
  readonly argv: readonly [string, ...string[]];
  /** Everything the program sees of the environment, but for what is relative on PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes for standard input, which is `/dev/null` without. */
  readonly input?: Uint8Array | undefined;
  /** Opens descriptor 3 for the program to write to; what arrives is {@link ProgramEnd.channel}. */
  readonly channel?: boolean;
  /** Takes what arrives there while the program runs, all of it. */
  readonly onChannel?: (chunk: Buffer) => void;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMilliseconds: number;
  /** More than this on standard output ends the program. */
  readonly maximumOutputBytes: number;
  /** Where the program starts. Default: where this process is. */
  readonly directory?: string | undefined;
}

/** How a program ended. */
export interface ProgramEnd {
  /** `undefined` when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  /** To classify a failure by. It may hold a value: never show it. The first 64 KiB. */
  readonly stderr: string;
  /** What came on descriptor 3, the first 64 KiB. */
  readonly channel: string;
}

const maximumSideBytes = 64 * 1024;
const terminationMilliseconds = 2000;
const drainMilliseconds = 1000;

/**
 * Runs a program without a shell, in a process group of its own, and waits for its end. A failing exit code is no error
 * here. Ctrl-C does not reach that group: {@link endWithUs} ends it with this process.
 *
 * @throws UnavailableError `not_installed` when there is no such program; `unreachable` when it cannot be started, takes
 *   too long or prints too much
 * @throws CancelledError when the signal fires; the whole process group is ended first
 */
export async function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  throwIfCancelled(call.signal);
  const { spawn } = await import("node:child_process");
  const [program, ...rest] = call.argv;
  let stopFor: ((reason: Error) => void) | undefined;
  // Before the start: no signal may find the program running and nobody to end it.
  const ended = endWithUs((signal) => stopFor?.(new CancelledError(`ended by ${signal}`)));
  let child: ChildProcess;
  try {
    child = spawn(program, rest, {
      env: withAbsolutePath(call.environment),
      stdio: [call.input === undefined ? "ignore" : "pipe", "pipe", "pipe", call.channel === true ? "pipe" : "ignore"],
      detached: process.platform !== "win32",
      windowsHide: true,
      cwd: call.directory,
    });
  } catch (error) {
    ended();
    throw error;
  }
  return new Promise<ProgramEnd>((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const channel: Buffer[] = [];
    let received = 0;
    let failure: Error | undefined;
    const timers: NodeJS.Timeout[] = [];

    const stop = (reason: Error): void => {
      failure ??= reason;
      endGroup(child, "SIGTERM");
      timers.push(setTimeout(() => endGroup(child, "SIGKILL"), terminationMilliseconds));
    };
    stopFor = stop;
    const onAbort = (): void => stop(new CancelledError("cancelled by the caller", { cause: call.signal?.reason }));
    const settle = (exitCode: number | null): void => {
      timers.forEach(clearTimeout);
      ended();
      call.signal?.removeEventListener("abort", onAbort);
      for (const stream of child.stdio) stream?.destroy();
      if (failure !== undefined) return reject(failure);
      resolve({
        exitCode: exitCode ?? undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString("utf8"),
        channel: Buffer.concat(channel).toString("utf8"),
      });
    };

    timers.push(
      setTimeout(
        () => stop(new UnavailableError(`${quote(program)} gave no answer in ${call.timeoutMilliseconds / 1000} s`)),
        call.timeoutMilliseconds,
      ),
    );
    call.signal?.addEventListener("abort", onAbort, { once: true });
    child.stdout?.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received <= call.maximumOutputBytes) stdout.push(chunk);
      else if (failure === undefined)
        stop(new UnavailableError(`${quote(program)} printed more than ${call.maximumOutputBytes} bytes`));
    });
    collect(child.stderr, stderr);
    collect(child.stdio[3], channel, call.onChannel);
    // A program that ends without reading its input is judged by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(call.input);
    child.on("error", (error) => {
      failure ??= startError(program, error, call.directory);
      settle(null);
    });
    // A daemon it left behind may hold the pipes open for ever.
    child.on("exit", (code) => timers.push(setTimeout(() => settle(code), drainMilliseconds)));
    child.on("close", settle);
  });
}

function collect(
  stream: ChildProcess["stdio"][number] | undefined,
  chunks: Buffer[],
  onChunk?: (chunk: Buffer) => void,
): void {
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (size < maximumSideBytes) chunks.push(chunk.subarray(0, maximumSideBytes - size));
    onChunk?.(chunk);
    size += chunk.length;
  });
}

/** Sends a signal to a program and to what it started in its process group; none when it is gone already. */
export function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    // Gone already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
