import { UnavailableError } from "../../errors.js";
import { errnoInWords, errnoOf } from "../../files/errno.js";
import type { OpenMask } from "./masks.js";
import { openOutlet } from "./outlet.js";
import type { PipeSource } from "./pipe-source.js";

/** What a program prints, as it reaches our own output. */
export interface Output {
  /**
   * Waits, when the program has ended, until all it printed is written.
   *
   * @throws UnavailableError when it cannot be; a reader that went away is none
   */
  readonly finish: () => Promise<void>;
}

/** How long others may hold a stream of a program that has ended. */
const lingerMilliseconds = 1000;
const stepMilliseconds = 20;
/** Less than this in a step, and all there was has been read. */
const stepBytes = 64 * 1024;
/** More than any pipe holds: what comes after so much was printed after the end. */
const pipeBytes = 1024 * 1024;

/**
 * Passes on what comes from a program's pipe, masked. Its reader gone, the pipe is closed, and the program is told by
 * SIGPIPE as without us. Programs it leaves behind hold the pipe, maybe for ever: they are listened to for a second.
 *
 * @param warn - told when they are not listened to any longer
 */
export function maskPipe(
  pipe: PipeSource,
  descriptor: 1 | 2,
  openMask: OpenMask,
  warn: (line: string) => void,
): Output {
  const outlet = openOutlet(descriptor, openMask, pipe);
  let received = 0;
  let isClosed = false;
  void pipe.closed.then((closed) => (isClosed = closed));
  pipe.start((chunk) => {
    received += chunk.byteLength;
    outlet.write(chunk);
  });
  const reachesItsEnd = async (): Promise<boolean> => {
    const start = Date.now();
    const before = received;
    for (;;) {
      // The time it takes a slow reader to read does not count.
      await outlet.settled();
      // Most programs have closed it by now, and a timer costs a quick command as much as reading a few secrets.
      if (isClosed) return true;
      const last = received;
      if (await Promise.race([pipe.closed, after(stepMilliseconds)])) return true;
      const emptied = received - last < stepBytes || received - before > pipeBytes;
      if (emptied && Date.now() - start > lingerMilliseconds) return false;
    }
  };
  return {
    finish: async () => {
      if (!(await reachesItsEnd())) {
        warn(`a program that the command left running holds its ${streamNames[descriptor]}; what it prints is lost`);
        pipe.stop();
        await pipe.closed;
      }
      requireWritten(descriptor, await outlet.end());
    },
  };
}

const streamNames = { 1: "standard output", 2: "standard error" } as const;

function requireWritten(descriptor: 1 | 2, failure: unknown): void {
  if (failure === undefined || errnoOf(failure) === "EPIPE") return;
  throw new UnavailableError(`${streamNames[descriptor]} cannot be written: ${errnoInWords(failure)}`, {
    cause: failure,
  });
}

async function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));
}
