import { compilePatterns } from "../redaction/search.js";

/** A run of bytes that gives something away. */
export interface Mark {
  readonly kind: "value" | "key";
  /** The secret's name, or what kind of key. */
  readonly name: string;
  /** How it is written there: `base64`. */
  readonly form: string;
  /** One of several parts of a value that may be on lines of their own. */
  readonly isPart?: boolean;
  readonly bytes: Uint8Array;
  /** Whether what stands at a place of a text is what the mark is a sign of. */
  readonly confirm?: (text: Buffer, at: number) => boolean;
}

/** Looks for many marks at once. */
export interface MarkSearch {
  /** The bytes of the longest mark. */
  readonly longest: number;
  /** Visits every mark that begins in `bytes` from `from` on, overlapping ones as well, in the order of their starts. */
  readonly find: (bytes: Buffer, from: number, visit: (mark: Mark, at: number) => void) => void;
}

/** Compiles marks into one search, which reads a text once whatever their number. */
export function compileMarks(marks: readonly Mark[]): MarkSearch {
  const { longest, find } = compilePatterns(marks);
  return {
    longest,
    find: (bytes, from, visit) => {
      for (const { start, pattern } of find(bytes.subarray(from))) {
        const mark = marks[pattern];
        if (mark !== undefined && mark.confirm?.(bytes, from + start) !== false) visit(mark, from + start);
      }
    },
  };
}
