import { IntegrityError, quote } from "../errors.js";

/**
 * What is wrong with a file that cannot be read, and where. The message is of our own words, without the names of keys:
 * in a damaged file, part of a secret may stand where a key is expected.
 *
 * @param line - from 1
 */
export function parseError(file: string, line: number, message: string): IntegrityError {
  return new IntegrityError(`${quote(file)} line ${line}: ${message}`, {
    problems: [{ path: [], message, file, line }],
  });
}

/** Lines from 1, by binary search. */
export function lineFinder(text: string): (offset: number) => number {
  return positionFinder(text).lineOf;
}

/** Lines from 1 and columns from 0 of offsets, whatever the length of a line. */
export function positionFinder(text: string): {
  readonly lineOf: (offset: number) => number;
  readonly columnOf: (offset: number) => number;
} {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  return { lineOf, columnOf: (offset) => offset - (starts[lineOf(offset) - 1] ?? 0) };
}
