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
  return { grams, pairs, bytes };
}

/** Where the earliest suffix of a text begins that is the beginning of a pattern and not all of it; else its length. */
export function openFrom(patterns: PatternBytes, beginnings: Beginnings, text: Uint8Array): number {
  const end = text.byteLength;
  const { filter, filterShift } = beginnings.grams;
  let at = Math.max(0, end - patterns.longest + 1);
  let gram = gramAt(text, at) << 8;
  for (; at <= end - gramBytes; at++) {
    gram = (gram >>> 8) | ((text[at + gramBytes - 1] ?? 0) << 24);
    const bit = Math.imul(gram, multiplier) >>> filterShift;
    if (((filter[bit >>> 5] ?? 0) & (1 << bit)) !== 0 && isBeginning(beginnings.grams, patterns, gram, text, at)) {
      return at;
    }
  }
  // Patterns have four bytes at least: what is shorter is never the whole of one.
  if (end >= 3 && isTripleBeginning(patterns, beginnings, text, end - 3)) return end - 3;
  if (end >= 2 && isPairBeginning(beginnings, gramAt(text, end - 2))) return end - 2;
  return end >= 1 && beginnings.bytes[text[end - 1] ?? 0] === 1 ? end - 1 : end;
}

function isBeginning(table: GramTable, patterns: PatternBytes, gram: number, text: Uint8Array, at: number): boolean {
  const length = text.byteLength - at;
  let entry = table.heads[Math.imul(gram, multiplier) >>> table.headShift] ?? 0;
  for (; entry !== 0; entry = table.next[entry] ?? 0) {
    const pattern = table.patterns[entry] ?? 0;
    if ((patterns.lengths[pattern] ?? 0) > length && isAt(patterns, pattern, length, text, at)) return true;
  }
  return false;
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
