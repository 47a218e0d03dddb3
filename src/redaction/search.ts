import { findShort, findWords, indexShort, indexWords, patternOf, startOf } from "./find.js";
import type { Found } from "./find.js";
import { indexBeginnings, openFrom } from "./beginnings.js";
import type { Beginnings } from "./beginnings.js";
import { packTexts } from "./pattern-bytes.js";

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

/** As {@link PatternSearch}, without an object for each occurrence. */
export interface TextSearch extends Pick<PatternSearch, "openFrom" | "longest"> {
  /** Occurrences as {@link startOf} and {@link patternOf} read them, ascending: by start, then by pattern. */
  readonly find: (bytes: Uint8Array) => Found;
  readonly lengths: Int32Array;
}

/** The shortest pattern there may be. */
export const minimumPatternBytes = 4;

/**
 * Compiles patterns into a search over bytes that reads a text once, whatever their number.
 *
 * @throws RangeError for a pattern shorter than {@link minimumPatternBytes}
 */
export function compilePatterns(patterns: readonly Pattern[]): PatternSearch {
  const texts = patterns.map(({ bytes }) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"),
  );
  const search = compileTexts(texts);
  return {
    longest: search.longest,
    openFrom: search.openFrom,
    find: (bytes) =>
      Array.from(search.find(bytes), (key) => {
        const pattern = patternOf(key);
        const start = startOf(key);
        return { start, end: start + (search.lengths[pattern] ?? 0), pattern, name: patterns[pattern]?.name ?? "" };
      }),
  };
}

/**
 * As {@link compilePatterns}. Patterns of seven bytes and more have a whole word of four bytes at one of four successive
 * offsets in any text that holds them, so that only every fourth place of the text is looked up; shorter ones are looked
 * up at every place. What is found is compared whole.
 *
 * @param texts - byte strings: one character per byte
 */
export function compileTexts(texts: readonly string[]): TextSearch {
  if (texts.some((text) => text.length < minimumPatternBytes)) {
    throw new RangeError(`a pattern is shorter than ${minimumPatternBytes} bytes`);
  }
  const patterns = packTexts(texts);
  const words = indexWords(patterns);
  const short = indexShort(patterns);
  let beginnings: Beginnings | undefined;
  return {
    lengths: patterns.lengths,
    longest: patterns.longest,
    openFrom: (bytes) => openFrom(patterns, (beginnings ??= indexBeginnings(patterns)), bytes),
    find: (bytes) => {
      const found: number[] = [];
      if (words.count > 0) findWords(words, patterns, bytes, found);
      if (short.count > 0) findShort(short, patterns, bytes, found);
      return found.length < 2 ? found : new Float64Array(found).toSorted();
    },
  };
}
