import { closeSync, constants, openSync, read, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { OutletSource } from "./outlet.js";

/** The end of a pipe that a program writes into. */
export interface PipeSource extends OutletSource {
  /** Begins to read. */
  readonly start: (take: (chunk: Uint8Array) => void) => void;
  /** Resolves when everybody has closed the other end, or reading was stopped. */
  readonly closed: Promise<true>;
}

const chunkBytes = 64 * 1024;

/** Reads a stream that Node made. */
export function readStream(stream: Readable): PipeSource {
  // A connection that breaks is at its end.
  stream.on("error", () => undefined);
  return {
    start: (take) => stream.on("data", take),
    closed: new Promise((resolve) => stream.once("close", () => resolve(true))),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    stop: () => stream.destroy(),
  };
}

/**
 * Reads a named pipe, and closes the descriptor at its end. On Linux without Node's network streams, which cost a quick
 * command as much as reading a secret does.
 */
export function readNamedPipe(descriptor: number): PipeSource {
  if (process.platform !== "linux" || !mayWaitInThreads()) {
    const { Socket } = process.getBuiltinModule("node:net");
    return readStream(new Socket({ fd: descriptor, readable: true, writable: false }));
  }
  let paused = false;
  let stopped = false;
  let proceed: (() => void) | undefined;
  let ended: (value: true) => void = ignore;
  const closed = new Promise<true>((resolve) => {
    ended = resolve;
  });
  const readAll = async (take: (chunk: Uint8Array) => void): Promise<void> => {
    for (;;) {
      if (paused) await new Promise<void>((resolve) => (proceed = resolve));
      const chunk = stopped ? none : await readSome(descriptor);
      if (stopped || chunk.byteLength === 0) break;
      take(chunk);
    }
    stopped = true;
    closeSync(descriptor);
    ended(true);
  };
  const resume = (): void => {
    paused = false;
    proceed?.();
  };
  return {
    start: (take) => void readAll(take),
    closed,
    pause: () => {
      paused = true;
    },
    resume,
    stop: () => {
      if (stopped) return;
      stopped = true;
      resume();
      wakeReader(descriptor);
    },
  };
}

const none = new Uint8Array(0);
const usualThreads = 4;

/**
 * Two pipes that are waited for take two threads of libuv's pool, and what is printed is written by two more: with fewer,
 * nothing would be written while a program is silent.
 */
function mayWaitInThreads(): boolean {
  return Number(process.env["UV_THREADPOOL_SIZE"] ?? usualThreads) >= usualThreads;
}

/** Waits beside the event loop. What cannot be read is at its end. */
async function readSome(descriptor: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(chunkBytes);
  return new Promise((resolve) => {
    read(descriptor, buffer, 0, chunkBytes, null, (error, count) => {
      resolve(error === null ? buffer.subarray(0, count) : none);
    });
  });
}

/** A read that waits for ever would keep this process from ending: it gets a byte, which nobody will see. */
function wakeReader(descriptor: number): void {
  try {
    const writing = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(writing, "\n");
    closeSync(writing);
  } catch {
    // Closed already, or so full that nobody waits.
  }
}

function ignore(): void {}
