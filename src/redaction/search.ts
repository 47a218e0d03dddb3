import { addGram, gramAt, makeGramTable, mayHaveGram, multiplier } from "./grams.js";
import type { GramTable } from "./grams.js";
import { isAt, packPatterns } from "./pattern-bytes.js";
import type { PatternBytes } from "./pattern-bytes.js";

/** Something to look for. */
export interface Pattern {
  /** At least {@link minimumPatternBytes}. */
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** One occurrence of one pattern. */
export interface Match {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  /** The index of the pattern. */
  readonly pattern: number;
  readonly name: string;
}

export interface PatternSearch {
  /** Every occurrence of every pattern, overlapping ones too, in the order of their starts. */
  readonly find: (bytes: Uint8Array) => readonly Match[];
  /**
   * Where the earliest suffix begins that is the beginning of some pattern and not the whole of it, so that what follows
   * may make it an occurrence; the length of the text when there is none.
   */
  readonly openFrom: (bytes: Uint8Array) => number;
  /** Bytes of the longest pattern; 0 without patterns. */
  readonly longest: number;
}

/** The shortest pattern there may be. */
export const minimumPatternBytes = 4;
const gramBytes = 4;
/** A pattern of so many bytes has a whole word in every text that holds it, wherever its words begin. */
const alignedBytes = 2 * gramBytes - 1;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Compiles patterns into a search over bytes that reads a text once, whatever their number: of long patterns, every
 * fourth byte begins a word of four that is looked up; short ones are looked up at every byte. What is found is compared
 * whole.
 *
 * @throws RangeError for a pattern shorter than {@link minimumPatternBytes}
 */
export function compilePatterns(patterns: readonly Pattern[]): PatternSearch {
  if (patterns.some(({ bytes }) => bytes.byteLength < minimumPatternBytes)) {
    throw new RangeError(`a pattern is shorter than ${minimumPatternBytes} bytes`);
  }
  const packed = packPatterns(patterns.map(({ bytes }) => bytes));
  const words = indexWords(packed);
  const short = indexShort(packed);
  let beginnings: Beginnings | undefined;
  return {
    longest: packed.longest,
    openFrom: (bytes) => openFrom(packed, (beginnings ??= indexBeginnings(packed)), bytes),
    find: (bytes) => {
      const found: Found = { keys: [] };
      if (words.count > 0) findByWords(words, packed, bytes, found);
      if (short.count > 0) findShort(short, packed, bytes, found);
      return found.keys.length === 0 ? noMatches : toMatches(found.keys, patterns);
    },
  };
}

const noMatches: readonly Match[] = [];

/** Start and pattern of each occurrence in one number, so that many are sorted without an object for each. */
interface Found {
  readonly keys: number[];
}

const patternFactor = 2 ** 21;

function toMatches(keys: number[], patterns: readonly Pattern[]): readonly Match[] {
  const sorted = keys.length === 1 ? keys : Float64Array.from(keys).toSorted();
  return Array.from(sorted, (key) => {
    const pattern = key % patternFactor;
    const start = (key - pattern) / patternFactor;
    const { bytes, name } = patterns[pattern] ?? nothing;
    return { start, end: start + bytes.byteLength, pattern, name };
  });
}

const nothing: Pattern = { bytes: new Uint8Array(0), name: "" };

/** Four entries for each pattern: its words at four successive offsets, one of which is aligned in any text. */
function indexWords({ all, starts, lengths }: PatternBytes): GramTable {
  const long = lengths.reduce((count, length) => count + (length >= alignedBytes ? 1 : 0), 0);
  const table = makeGramTable(long * gramBytes);
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    const length = lengths[pattern] ?? 0;
    if (length < alignedBytes) continue;
    const start = starts[pattern] ?? 0;
    const window = chooseWindow(table, all, start, length - alignedBytes);
    for (let offset = window; offset < window + gramBytes; offset++) {
      addGram(table, nativeGram(gramAt(all, start + offset)), pattern, offset);
    }
  }
  return table;
}

/**
 * Of a few places in a pattern the one whose words fewest others have: tokens of one service begin alike, and what is
 * looked up in vain costs time.
 */
function chooseWindow(table: GramTable, all: Uint8Array, start: number, last: number): number {
  let best = 0;
  let fewest = Infinity;
  for (const candidate of [last >> 1, last - (last >> 2), last, last >> 2, 0]) {
    let shared = 0;
    for (let offset = candidate; offset < candidate + gramBytes; offset++) {
      if (mayHaveGram(table, nativeGram(gramAt(all, start + offset)))) shared++;
    }
    if (shared === 0) return candidate;
    if (shared < fewest) [best, fewest] = [candidate, shared];
  }
  return best;
}

function indexShort({ all, starts, lengths }: PatternBytes): GramTable {
  const short = lengths.reduce((count, length) => count + (length < alignedBytes ? 1 : 0), 0);
  const table = makeGramTable(short);
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    if ((lengths[pattern] ?? 0) < alignedBytes) addGram(table, gramAt(all, starts[pattern] ?? 0), pattern, 0);
  }
  return table;
}

/** A gram as an `Int32Array` of this machine shows it. */
function nativeGram(gram: number): number {
  if (isLittleEndian) return gram;
  return (gram << 24) | ((gram & 0xff00) << 8) | ((gram >>> 8) & 0xff00) | (gram >>> 24);
}

function findByWords(table: GramTable, patterns: PatternBytes, bytes: Uint8Array, found: Found): void {
  const { filter, filterShift } = table;
  const skipped = -bytes.byteOffset & (gramBytes - 1);
  if (bytes.byteLength < skipped + gramBytes) return;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + skipped, (bytes.byteLength - skipped) >> 2);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? 0;
    const bit = Math.imul(word, multiplier) >>> filterShift;
    if (((filter[bit >>> 5] ?? 0) & (1 << bit)) !== 0) {
      compareAt(table, patterns, word, bytes, skipped + index * gramBytes, found);
    }
  }
}

function findShort(table: GramTable, patterns: PatternBytes, bytes: Uint8Array, found: Found): void {
  const { filter, filterShift } = table;
  let gram = gramAt(bytes, 0) << 8;
  for (let index = gramBytes - 1; index < bytes.byteLength; index++) {
    gram = (gram >>> 8) | ((bytes[index] ?? 0) << 24);
    const bit = Math.imul(gram, multiplier) >>> filterShift;
    if (((filter[bit >>> 5] ?? 0) & (1 << bit)) !== 0) {
      compareAt(table, patterns, gram, bytes, index - gramBytes + 1, found);
    }
  }
}

/** Compares every pattern that has these four bytes with the text around them. */
function compareAt(
  table: GramTable,
  patterns: PatternBytes,
  gram: number,
  bytes: Uint8Array,
  at: number,
  { keys }: Found,
): void {
  const head = table.heads[Math.imul(gram, multiplier) >>> table.headShift] ?? 0;
  for (let entry = head; entry !== 0; entry = table.next[entry] ?? 0) {
    if (table.grams[entry] !== gram) continue;
    const pattern = table.patterns[entry] ?? 0;
    const start = at - (table.offsets[entry] ?? 0);
    const length = patterns.lengths[pattern] ?? 0;
    if (start < 0 || start + length > bytes.byteLength) continue;
    if (isAt(patterns, pattern, length, bytes, start)) keys.push(start * patternFactor + pattern);
  }
}

/** What patterns begin with. */
interface Beginnings {
  readonly grams: GramTable;
  /** Beginnings of one to three bytes, as {@link shortKey} writes them. */
  readonly short: ReadonlySet<number>;
}

function indexBeginnings({ all, starts, lengths }: PatternBytes): Beginnings {
  const grams = makeGramTable(lengths.length);
  const short = new Set<number>();
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    const start = starts[pattern] ?? 0;
    addGram(grams, gramAt(all, start), pattern, 0);
    for (let length = 1; length < gramBytes; length++) short.add(shortKey(all, start, length));
  }
  return { grams, short };
}

function shortKey(bytes: Uint8Array, at: number, length: number): number {
  return (gramAt(bytes, at) & (2 ** (8 * length) - 1)) | (length << 24);
}

function openFrom(patterns: PatternBytes, { grams, short }: Beginnings, bytes: Uint8Array): number {
  const end = bytes.byteLength;
  for (let at = Math.max(0, end - patterns.longest + 1); at <= end - gramBytes; at++) {
    const gram = gramAt(bytes, at);
    if (mayHaveGram(grams, gram) && isBeginning(grams, patterns, gram, bytes, at)) return at;
  }
  for (let at = Math.max(0, end - gramBytes + 1); at < end; at++) {
    if (short.has(shortKey(bytes, at, end - at))) return at;
  }
  return end;
}

function isBeginning(table: GramTable, patterns: PatternBytes, gram: number, bytes: Uint8Array, at: number): boolean {
  const length = bytes.byteLength - at;
  const head = table.heads[Math.imul(gram, multiplier) >>> table.headShift] ?? 0;
  for (let entry = head; entry !== 0; entry = table.next[entry] ?? 0) {
    const pattern = table.patterns[entry] ?? 0;
    if ((patterns.lengths[pattern] ?? 0) > length && isAt(patterns, pattern, length, bytes, at)) return true;
  }
  return false;
}
