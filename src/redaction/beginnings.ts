import { addGram, gramAt, makeGramTable, multiplier } from "./grams.js";
import type { GramTable } from "./grams.js";
import { isAt } from "./pattern-bytes.js";
import type { PatternBytes } from "./pattern-bytes.js";

/** What patterns begin with. */
export interface Beginnings {
  readonly grams: GramTable;
  /** One bit for each pair of bytes that some pattern begins with. */
  readonly pairs: Int32Array;
  /** One for each byte that some pattern begins with. */
  readonly bytes: Uint8Array;
  /** Patterns that begin alike, ordered when they are first asked for. */
  readonly groups: Map<number, readonly number[]>;
}

const gramBytes = 4;

export function indexBeginnings({ all, starts, lengths }: PatternBytes): Beginnings {
  const grams = makeGramTable(lengths.length);
  const pairs = new Int32Array(2 ** 16 / 32);
  const bytes = new Uint8Array(2 ** 8);
  for (let pattern = 0; pattern < lengths.length; pattern++) {
    const gram = gramAt(all, starts[pattern] ?? 0);
    const pair = (gram & 0xffff) >>> 5;
    addGram(grams, gram, pattern, 0);
    pairs[pair] = (pairs[pair] ?? 0) | (1 << gram);
    bytes[gram & 0xff] = 1;
  }
  return { grams, pairs, bytes, groups: new Map() };
}

/** Where the earliest suffix of a text begins that is the beginning of a pattern and not all of it; else its length. */
export function openFrom(patterns: PatternBytes, beginnings: Beginnings, text: Uint8Array): number {
  const end = text.length;
  const { filter, filterShift } = beginnings.grams;
  let at = Math.max(0, end - patterns.longest + 1);
  let gram = gramAt(text, at) << 8;
  for (; at <= end - gramBytes; at++) {
    gram = (gram >>> 8) | ((text[at + gramBytes - 1] ?? 0) << 24);
    const bit = Math.imul(gram, multiplier) >>> filterShift;
    if (((filter[bit >>> 5] ?? 0) & (1 << bit)) !== 0 && isBeginning(beginnings, patterns, gram, text, at)) {
      return at;
    }
  }
  // Patterns have four bytes at least: what is shorter is never the whole of one.
  if (end >= 3 && isTripleBeginning(patterns, beginnings, text, end - 3)) return end - 3;
  if (end >= 2 && isPairBeginning(beginnings, gramAt(text, end - 2))) return end - 2;
  return end >= 1 && beginnings.bytes[text[end - 1] ?? 0] === 1 ? end - 1 : end;
}

function isBeginning(
  { grams, groups }: Beginnings,
  patterns: PatternBytes,
  gram: number,
  text: Uint8Array,
  at: number,
): boolean {
  const length = text.length - at;
  let entry = grams.heads[Math.imul(gram, multiplier) >>> grams.headShift] ?? 0;
  for (let compared = 0; entry !== 0; entry = grams.next[entry] ?? 0) {
    if (grams.grams[entry] !== gram) continue;
    if (++compared > comparedOneByOne) return isBeginningOf(groupOf(grams, groups, patterns, gram), patterns, text, at);
    const pattern = grams.patterns[entry] ?? 0;
    if ((patterns.lengths[pattern] ?? 0) > length && isAt(patterns, pattern, length, text, at)) return true;
  }
  return false;
}

/** Tokens of one service begin alike: from here on they are put in order once, and then searched in that order. */
const comparedOneByOne = 8;

/** The patterns with a gram, in the order of their bytes. */
function groupOf(
  grams: GramTable,
  groups: Map<number, readonly number[]>,
  { all, starts, lengths }: PatternBytes,
  gram: number,
): readonly number[] {
  const known = groups.get(gram);
  if (known !== undefined) return known;
  const bytesOf = (pattern: number): Buffer => {
    const start = starts[pattern] ?? 0;
    return all.subarray(start, start + (lengths[pattern] ?? 0));
  };
  const group = Array.from(
    grams.patterns.subarray(1, grams.count + 1).filter((_, index) => grams.grams[index + 1] === gram),
  );
  const sorted = group.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)));
  groups.set(gram, sorted);
  return sorted;
}

/** Whether the rest of a text is the beginning of one of these patterns, and shorter. */
function isBeginningOf(group: readonly number[], patterns: PatternBytes, text: Uint8Array, at: number): boolean {
  const { all, starts, lengths } = patterns;
  const length = text.length - at;
  let low = 0;
  let high = group.length;
  // The first pattern behind the rest of the text: what begins with the rest follows it without a gap.
  while (low < high) {
    const middle = (low + high) >> 1;
    const pattern = group[middle] ?? 0;
    const start = starts[pattern] ?? 0;
    if (all.compare(text, at, text.length, start, start + (lengths[pattern] ?? 0)) > 0) high = middle;
    else low = middle + 1;
  }
  const next = group[low];
  return next !== undefined && (lengths[next] ?? 0) > length && isAt(patterns, next, length, text, at);
}

function isPairBeginning({ pairs }: Beginnings, gram: number): boolean {
  return (((pairs[(gram & 0xffff) >>> 5] ?? 0) >>> gram) & 1) === 1;
}

/** Rarely past its first line, so that no table is kept for it. */
function isTripleBeginning(patterns: PatternBytes, beginnings: Beginnings, text: Uint8Array, at: number): boolean {
  if (!isPairBeginning(beginnings, gramAt(text, at))) return false;
  for (let pattern = 0; pattern < patterns.lengths.length; pattern++) {
    if (isAt(patterns, pattern, 3, text, at)) return true;
  }
  return false;
}
