/** Patterns one behind the other in one array. */
export interface PatternBytes {
  readonly all: Buffer;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly longest: number;
}

export function packPatterns(patterns: readonly Uint8Array[]): PatternBytes {
  const starts = new Int32Array(patterns.length);
  const lengths = new Int32Array(patterns.length);
  let total = 0;
  let longest = 0;
  for (const [index, { byteLength }] of patterns.entries()) {
    starts[index] = total;
    lengths[index] = byteLength;
    total += byteLength;
    longest = Math.max(longest, byteLength);
  }
  const all = Buffer.allocUnsafeSlow(total);
  for (const [index, bytes] of patterns.entries()) all.set(bytes, starts[index]);
  return { all, starts, lengths, longest };
}

/** From here on a native comparison is quicker than its call is long. */
const nativeFrom = 48;

/** Whether the first `length` bytes of a pattern are at a place of a text, both of which reach that far. */
export function isAt(patterns: PatternBytes, pattern: number, length: number, bytes: Uint8Array, at: number): boolean {
  const { all } = patterns;
  const start = patterns.starts[pattern] ?? 0;
  const quick = Math.min(length, nativeFrom);
  for (let index = 0; index < quick; index++) if (all[start + index] !== bytes[at + index]) return false;
  return quick === length || all.compare(bytes, at + quick, at + length, start + quick, start + length) === 0;
}
