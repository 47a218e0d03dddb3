/**
 * What a block scalar or single quotes can hold such that every YAML reader agrees: no control character, no line break
 * but `\n`, no separator that YAML 1.1 takes for a line break, no byte order mark, no unit that is no character.
 */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !/[^\t\n -~\u00A0-\u2027\u202A-\uFEFE\uFF00-\uFFFD]/.test(text);
}

/** A text for between double quotes of YAML (1.1 and 1.2), on one line, whatever is in it. */
export function inDoubleQuotes(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(
      /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

/** A text as a double-quoted scalar, which every reader takes for a string. */
export function doubleQuoted(text: string): string {
  return `"${inDoubleQuotes(text)}"`;
}
