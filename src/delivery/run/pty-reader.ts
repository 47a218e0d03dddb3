import { closeSync, constants, openSync, readSync } from "node:fs";
import { ReadStream } from "node:tty";
import { errnoOf } from "../../files/errno.js";
import type { Outlet, OutletSource } from "./outlet.js";

/** The side of a pseudo-terminal that is not the program's. */
export interface PtyReader {
  /** What is typed goes in here. */
  readonly stream: ReadStream;
  /**
   * When the program has ended: passes on what is left, listens for a second to others that hold the terminal, and closes
   * it.
   *
   * @returns what the outlet's end gives
   */
  readonly finish: () => Promise<unknown>;
}

const lingerMilliseconds = 1000;
const stepMilliseconds = 20;
const bufferBytes = 64 * 1024;
/** As much as any terminal holds many times over: there may be no end to what a program left behind prints. */
const drainBytes = 1024 * 1024;

/**
 * Passes on what a program prints on a pseudo-terminal.
 *
 * @param slave - a descriptor of the program's side, kept open until the end: libuv drops what is left in a terminal that
 *   everybody has closed; `undefined` when it cannot be opened any more
 */
export function readPty(
  master: number,
  slave: number | undefined,
  openOutlet: (source: OutletSource) => Outlet,
): PtyReader {
  const stream = new ReadStream(master);
  // A screen that is gone ends nothing by itself: the program gets SIGHUP, or prints for nobody.
  const outlet = openOutlet({ pause: () => stream.pause(), resume: () => stream.resume(), stop: () => undefined });
  stream.on("error", () => undefined);
  if (slave !== undefined) stream.on("data", outlet.write);
  const finish = async (): Promise<unknown> => {
    stream.pause();
    // What was read and has not been passed on: this passes it on.
    if (slave !== undefined) {
      while (stream.read() !== null);
      closeSync(slave);
    }
    const end = Date.now() + lingerMilliseconds;
    while (drain(master, outlet) && Date.now() < end) {
      await outlet.settled();
      await new Promise((resolve) => setTimeout(resolve, stepMilliseconds));
    }
    const failure = await outlet.end();
    stream.destroy();
    return failure;
  };
  return { stream, finish };
}

/** The program's side, as a descriptor no child inherits. @returns `undefined` when the program has ended already */
export function openSlave(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** @returns whether more may come: somebody still holds the other side */
function drain(master: number, outlet: Outlet): boolean {
  for (let drained = 0; drained < drainBytes;) {
    const buffer = Buffer.allocUnsafeSlow(bufferBytes);
    try {
      const count = readSync(master, buffer);
      if (count === 0) return false;
      outlet.write(buffer.subarray(0, count));
      drained += count;
    } catch (error) {
      // A terminal that everybody has closed answers EIO.
      return errnoOf(error) === "EAGAIN";
    }
  }
  return true;
}
