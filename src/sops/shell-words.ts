/**
 * Splits a command into a program and its arguments, as SOPS does with `SOPS_AGE_KEY_CMD`: blanks separate, `'…'` is kept
 * as it is, `"…"` may have `\"` and `\\`, a backslash takes the next character as it is. Nothing is expanded.
 *
 * @returns `undefined` when a quote is not closed, or there is no word
 */
export function shellWords(text: string): readonly [string, ...string[]] | undefined {
  const words: string[] = [];
  // One part of a word at a time: quoted, escaped, or plain.
  const part = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(\s+)/gsy;
  let word: string | undefined;
  let end = 0;
  for (const [whole, single, double, escaped, plain, blank] of text.matchAll(part)) {
    end += whole.length;
    if (blank === undefined) {
      word = (word ?? "") + (single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? plain ?? "");
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  const [first, ...rest] = words;
  return end === text.length && first !== undefined && first !== "" ? [first, ...rest] : undefined;
}
