import { readSync } from "node:fs";

/**
 * Reads an open file from where it stands to its end, whatever size the system says it has: files made up by the system
 * say 0, and some never end.
 *
 * @param expectedBytes - as `fstat` says: saves copying when it is right
 * @returns `undefined` when there are more than `maximumBytes`
 * @throws the system's error
 */
export function readBounded(descriptor: number, maximumBytes: number, expectedBytes = 0): Buffer | undefined {
  let bytes: Buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(expectedBytes, 4096), maximumBytes) + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length > maximumBytes) return undefined;
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafeSlow(Math.min(bytes.length * 2, maximumBytes + 1));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  }
}
