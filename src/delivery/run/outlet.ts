import { write } from "node:fs";
import { errnoOf } from "../../files/errno.js";
import type { RedactedStream } from "../../redaction/redactor.js";
import type { OpenMask } from "./masks.js";

/** What a program prints on one stream, on its way to one of our descriptors. */
export interface Outlet {
  readonly write: (chunk: Uint8Array) => void;
  /** Waits until all that was written so far has left, but for what the mask holds back. */
  readonly settled: () => Promise<void>;
  /** Lets go what the mask holds back. @returns what writing failed with, `undefined` when all has left */
  readonly end: () => Promise<unknown>;
}

/** Where the chunks come from: it is told to wait, to go on, and that nobody reads any more. */
export interface OutletSource {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => void;
}

/** Chunks wait while the one before them is written: more than this and the source has to wait. */
const waitingBytes = 256 * 1024;
const retryMilliseconds = 5;

/**
 * Masks chunks and writes them to a descriptor in their order. A slow reader holds up the source and nothing else: writing
 * goes on beside the event loop, so that signals still arrive, and no more than a fixed amount is kept.
 */
export function openOutlet(descriptor: number, openMask: OpenMask, source: OutletSource): Outlet {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let mask: RedactedStream | undefined;
  let failure: unknown;
  let pumping: Promise<void> | undefined;

  const pump = async (): Promise<void> => {
    mask ??= await openMask();
    while (waiting.length > 0) {
      const chunk = waiting.length === 1 ? (waiting[0] ?? new Uint8Array()) : Buffer.concat(waiting);
      waiting = [];
      if (size > waitingBytes) source.resume();
      size = 0;
      await send(mask.write(chunk));
    }
    pumping = undefined;
  };
  const send = async (bytes: Uint8Array): Promise<void> => {
    if (failure !== undefined) return;
    try {
      await writeAll(descriptor, bytes);
    } catch (error) {
      failure = error;
      source.stop();
    }
  };
  return {
    write: (chunk) => {
      waiting.push(chunk);
      size += chunk.byteLength;
      if (size > waitingBytes) source.pause();
      pumping ??= pump();
    },
    settled: async () => await pumping,
    end: async () => {
      await pumping;
      if (mask !== undefined) await send(mask.end());
      return failure;
    },
  };
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    try {
      done += await writeSome(descriptor, bytes, done);
    } catch (error) {
      // Whoever gave us this descriptor has made it non-blocking.
      if (errnoOf(error) !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
    }
  }
}

async function writeSome(descriptor: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, from, bytes.byteLength - from, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}
