import { RE2JS, RE2JSException } from "re2js";

/**
 * A regular expression with the syntax and the meaning of RE2, as Go's `regexp` has them: no look-around, no
 * back-references, and time linear in the text, so that no file can make its reader hang.
 *
 * @returns whether it matches anywhere in a text; `undefined` when RE2 would refuse the expression
 */
export function compileRe2(expression: string): ((text: string) => boolean) | undefined {
  try {
    const compiled = RE2JS.compile(expression);
    return (text) => compiled.test(text);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
