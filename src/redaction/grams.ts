/** Four bytes of a text as a number, lowest first. */
export function gramAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** Knuth's multiplicative hashing: 2³² over the golden ratio, made odd. */
export const multiplier = 0x9e3779b1;

/**
 * Which patterns have four given bytes where: a filter of bits that says "no" to almost every text, and chains of entries
 * behind it. Typed arrays, because it is asked for every few bytes.
 */
export interface GramTable {
  /** One bit per hash value; `hash >>> filterShift` is its index. */
  readonly filter: Int32Array;
  readonly filterShift: number;
  /** The first entry of a chain, from 1; 0 for none. `hash >>> headShift` is the index. */
  readonly heads: Int32Array;
  readonly headShift: number;
  readonly grams: Int32Array;
  readonly patterns: Int32Array;
  /** Where in the pattern the bytes are. */
  readonly offsets: Int32Array;
  readonly next: Int32Array;
  count: number;
}

/** Two to this power are the bits of the filter per entry: of what agrees with no entry, one in so many passes by chance. */
const spareBits = 6;

/** @param capacity - the most entries there will be */
export function makeGramTable(capacity: number): GramTable {
  const entryBits = Math.ceil(Math.log2(capacity + 1));
  const filterBits = Math.min(Math.max(entryBits + spareBits, 10), 24);
  const headBits = Math.min(Math.max(entryBits, 5), 20);
  return {
    filter: new Int32Array(1 << (filterBits - 5)),
    filterShift: 32 - filterBits,
    heads: new Int32Array(1 << headBits),
    headShift: 32 - headBits,
    grams: new Int32Array(capacity + 1),
    patterns: new Int32Array(capacity + 1),
    offsets: new Int32Array(capacity + 1),
    next: new Int32Array(capacity + 1),
    count: 0,
  };
}

export function addGram(table: GramTable, gram: number, pattern: number, offset: number): void {
  const hash = Math.imul(gram, multiplier);
  const bit = hash >>> table.filterShift;
  const head = hash >>> table.headShift;
  const entry = ++table.count;
  table.filter[bit >>> 5] = (table.filter[bit >>> 5] ?? 0) | (1 << bit);
  table.grams[entry] = gram;
  table.patterns[entry] = pattern;
  table.offsets[entry] = offset;
  table.next[entry] = table.heads[head] ?? 0;
  table.heads[head] = entry;
}

/** 0 for most grams that no entry has, 1 for every one that some entry has. */
export function mayHaveGram(table: GramTable, gram: number): number {
  const bit = Math.imul(gram, multiplier) >>> table.filterShift;
  return ((table.filter[bit >>> 5] ?? 0) >>> bit) & 1;
}
