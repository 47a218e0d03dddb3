/** Patterns one behind the other in one array. */
export interface PatternBytes {
  readonly all: Buffer;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly longest: number;
}

/** @param texts - byte strings: one character per byte */
export function packTexts(texts: readonly string[]): PatternBytes {
  const starts = new Int32Array(texts.length);
  const lengths = new Int32Array(texts.length);
  let total = 0;
  let longest = 0;
  for (let index = 0; index < texts.length; index++) {
    const length = texts[index]?.length ?? 0;
    starts[index] = total;
    lengths[index] = length;
    total += length;
    if (length > longest) longest = length;
  }
  return { all: Buffer.from(texts.join(""), "latin1"), starts, lengths, longest };
}

/** From here on a native comparison is quicker than its call is long. */
const nativeFrom = 48;

/** Whether the first `length` bytes of a pattern are at a place of a text, both of which reach that far. */
export function isAt(patterns: PatternBytes, pattern: number, length: number, bytes: Uint8Array, at: number): boolean {
  const { all } = patterns;
  const start = patterns.starts[pattern] ?? 0;
  // What nearly is a value more often differs at its end than anywhere else.
  if (all[start + length - 1] !== bytes[at + length - 1]) return false;
  const quick = Math.min(length - 1, nativeFrom);
  for (let index = 0; index < quick; index++) if (all[start + index] !== bytes[at + index]) return false;
  return quick === length - 1 || all.compare(bytes, at + quick, at + length, start + quick, start + length) === 0;
}
