import { isUtf8 } from "node:buffer";
import { readSync } from "node:fs";
import { maximumRecordBytes } from "./canonical.js";

/** One line of a file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its line feed; empty when it is not UTF-8, cut when it is longer than any record can be. */
  readonly text: string;
  /** Bytes of the file up to and with this line. */
  readonly end: number;
  /** Whether a line feed ends it. */
  readonly complete: boolean;
}

const chunkBytes = 65_536;

/**
 * The lines of an open file, read piece by piece.
 *
 * @param size - how many bytes of the file to read; it may grow meanwhile
 */
export function* readLines(descriptor: number, size: number): Generator<Line> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let pending: Buffer = Buffer.alloc(0);
  let number = 0;
  let end = 0;
  for (let position = 0; position < size;) {
    const length = readSync(descriptor, chunk, 0, Math.min(chunkBytes, size - position), position);
    if (length === 0) break;
    position += length;
    let start = 0;
    for (;;) {
      const feed = chunk.subarray(0, length).indexOf(10, start);
      if (feed === -1) break;
      const bytes = Buffer.concat([pending, chunk.subarray(start, feed)]);
      end = position - length + feed + 1;
      yield { number: ++number, text: decode(bytes), end, complete: true };
      pending = Buffer.alloc(0);
      start = feed + 1;
    }
    if (pending.length <= maximumRecordBytes) pending = Buffer.concat([pending, chunk.subarray(start, length)]);
  }
  if (pending.length > 0) yield { number: number + 1, text: decode(pending), end: size, complete: false };
}

/**
 * The last complete line of the first `size` bytes of a file.
 *
 * @returns `undefined` when those bytes do not end with a line feed, or the line is longer than any record
 */
export function readLastLine(descriptor: number, size: number): string | undefined {
  for (const window of [4096, maximumRecordBytes]) {
    const length = Math.min(size, window);
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(descriptor, bytes, 0, length, size - length) !== length || bytes[length - 1] !== 10) return undefined;
    const feed = length < 2 ? -1 : bytes.lastIndexOf(10, length - 2);
    if (feed !== -1 || length === size) return decode(bytes.subarray(feed + 1, length - 1));
  }
  return undefined;
}

function decode(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : "";
}
