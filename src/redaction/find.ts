import { addGram, gramAt, makeGramTable, mayHaveGram, multiplier } from "./grams.js";
import type { GramTable } from "./grams.js";
import { isAt } from "./pattern-bytes.js";
import type { PatternBytes } from "./pattern-bytes.js";

/** Occurrences, each as one number, so that many are kept and sorted without an object for each. */
export type Found = ArrayLike<number> & Iterable<number>;

/** More patterns than there may be; the largest key is exact in a double for texts of up to 4 GiB. */
const patternFactor = 2 ** 21;

/** The index of the pattern that occurs. */
export const patternOf = (key: number): number => key % patternFactor;
/** Where it begins. */
export const startOf = (key: number): number => Math.floor(key / patternFactor);

const gramBytes = 4;
/** A pattern of so many bytes has a whole word in every text that holds it, wherever its words begin. */
const alignedBytes = 2 * gramBytes - 1;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Four entries for each long pattern: its words at four successive offsets, one of which is aligned in any text. Of a few
 * places in the pattern those that fewest others have: tokens of one service begin alike, and what is looked up in vain
 * costs time.
 */
export function indexWords({ all, starts, lengths }: PatternBytes): GramTable {
  const table = makeGramTable(lengths.length * gramBytes);
  const words = new Int32Array(gramBytes);
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    const last = (lengths[pattern] ?? 0) - alignedBytes;
    if (last < 0) continue;
    const start = starts[pattern] ?? 0;
    let window = last >> 1;
    if (readWords(table, all, start + window, words) > 0) {
      window = leastShared(table, all, start, last, words);
      readWords(table, all, start + window, words);
    }
    for (let index = 0; index < gramBytes; index++) addGram(table, words[index] ?? 0, pattern, window + index);
  }
  return table;
}

function leastShared(table: GramTable, all: Uint8Array, start: number, last: number, words: Int32Array): number {
  const places = [last >> 1, (last * 3) >> 2, last, last >> 2, 0];
  const shared = places.map((place) => readWords(table, all, start + place, words));
  return places[shared.indexOf(Math.min(...shared))] ?? 0;
}

/**
 * Reads the words at four successive places, as an `Int32Array` of this machine shows them.
 *
 * @returns how many of them may be in the table already
 */
function readWords(table: GramTable, all: Uint8Array, at: number, words: Int32Array): number {
  let gram = gramAt(all, at - 1);
  let shared = 0;
  for (let index = 0; index < gramBytes; index++) {
    gram = (gram >>> 8) | ((all[at + index + gramBytes - 1] ?? 0) << 24);
    const word = isLittleEndian ? gram : swapped(gram);
    words[index] = word;
    shared += mayHaveGram(table, word);
  }
  return shared;
}

function swapped(gram: number): number {
  return (gram << 24) | ((gram & 0xff00) << 8) | ((gram >>> 8) & 0xff00) | (gram >>> 24);
}

/** One entry for each pattern that is too short for {@link indexWords}. */
export function indexShort({ all, starts, lengths }: PatternBytes): GramTable {
  const short = lengths.reduce((count, length) => count + (length < alignedBytes ? 1 : 0), 0);
  const table = makeGramTable(short);
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    if ((lengths[pattern] ?? 0) < alignedBytes) addGram(table, gramAt(all, starts[pattern] ?? 0), pattern, 0);
  }
  return table;
}

/** Looks up every aligned word of a text: four with one branch, because almost none is there. */
export function findWords(table: GramTable, patterns: PatternBytes, bytes: Uint8Array, found: number[]): void {
  const { filter, filterShift } = table;
  const skipped = -bytes.byteOffset & (gramBytes - 1);
  if (bytes.length < skipped + gramBytes) return;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + skipped, (bytes.length - skipped) >> 2);
  const { length } = words;
  const compare = (from: number, to: number): void => {
    for (let index = from; index < to; index++) {
      const word = words[index] ?? 0;
      if (mayHaveGram(table, word) === 1) compareAt(table, patterns, word, bytes, skipped + index * gramBytes, found);
    }
  };
  const last = length - 3;
  let index = 0;
  for (; index < last; index += 4) {
    const first = Math.imul(words[index] ?? 0, multiplier) >>> filterShift;
    const second = Math.imul(words[index + 1] ?? 0, multiplier) >>> filterShift;
    const third = Math.imul(words[index + 2] ?? 0, multiplier) >>> filterShift;
    const fourth = Math.imul(words[index + 3] ?? 0, multiplier) >>> filterShift;
    const bits =
      ((filter[first >>> 5] ?? 0) >>> first) |
      ((filter[second >>> 5] ?? 0) >>> second) |
      ((filter[third >>> 5] ?? 0) >>> third) |
      ((filter[fourth >>> 5] ?? 0) >>> fourth);
    if ((bits & 1) !== 0) compare(index, index + 4);
  }
  compare(index, length);
}

/** Looks up the word at every place of a text. */
export function findShort(table: GramTable, patterns: PatternBytes, bytes: Uint8Array, found: number[]): void {
  const { filter, filterShift } = table;
  const { length } = bytes;
  let gram = gramAt(bytes, 0) << 8;
  for (let index = gramBytes - 1; index < length; index++) {
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
  found: number[],
): void {
  let entry = table.heads[Math.imul(gram, multiplier) >>> table.headShift] ?? 0;
  for (; entry !== 0; entry = table.next[entry] ?? 0) {
    if (table.grams[entry] !== gram) continue;
    const pattern = table.patterns[entry] ?? 0;
    const start = at - (table.offsets[entry] ?? 0);
    const length = patterns.lengths[pattern] ?? 0;
    if (start < 0 || start + length > bytes.length) continue;
    if (isAt(patterns, pattern, length, bytes, start)) found.push(start * patternFactor + pattern);
  }
}
