import { RE2JS, RE2JSException } from "re2js";

/** A compiled expression, and what one look at a text costs at most. */
export interface Re2 {
  /** Whether it matches anywhere in a text. */
  readonly test: (text: string) => boolean;
  /** How many instructions it has: a test takes no more steps than this times the length of the text. */
  readonly size: number;
}

/**
 * A regular expression with the syntax and the meaning of RE2, as Go's `regexp` has them: no look-around, no
 * back-references, and time linear in the text, so that no file can make its reader hang.
 *
 * @returns `undefined` when RE2 would refuse the expression
 */
export function compileRe2(expression: string): Re2 | undefined {
  // Repetitions of 1,000 are allowed, so that a long one takes seconds to compile.
  if (expression.length > maximumLength) return undefined;
  try {
    const compiled = RE2JS.compile(expression);
    return { test: (text) => compiled.test(text), size: compiled.programSize() };
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

const maximumLength = 4096;
