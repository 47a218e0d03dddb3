import { IntegrityError } from "../errors.js";
import { indexOfByte } from "../files/bytes.js";
import type { FieldForm } from "./grammar.js";

const lineFeed = 10;

/** Reads a buffer line by line without making a string of the whole. */
export interface LineCursor {
  /** The number of the line at `offset`, from 1. */
  number: number;
  offset: number;
  readonly bytes: Buffer;
  readonly end: number;
}

/** A cursor over `bytes` up to `end`, which must be just after a line feed. */
export function lineCursor(bytes: Buffer, end: number): LineCursor {
  return { number: 1, offset: 0, bytes, end };
}

/** The line at the cursor without its line feed, or `undefined` at the end. Does not move. */
export function peekLine(cursor: LineCursor): string | undefined {
  if (cursor.offset >= cursor.end) return undefined;
  return cursor.bytes.toString("latin1", cursor.offset, indexOfByte(cursor.bytes, lineFeed, cursor.offset));
}

/** Moves behind the line just peeked at. */
export function nextLine(cursor: LineCursor): void {
  cursor.offset = indexOfByte(cursor.bytes, lineFeed, cursor.offset) + 1;
  cursor.number++;
}

/** A line's number from 1, or how to count it when it is needed. */
export type LineNumber = number | (() => number);

/** @throws IntegrityError always: line `number` is not what the format allows there */
export function refuseLine(number: LineNumber, fault: string): never {
  throw new IntegrityError(`line ${typeof number === "number" ? number : number()}: ${fault}`);
}

/**
 * The fields of a line after its keyword, each checked against its form.
 *
 * @throws IntegrityError naming the line and the field
 */
export function readFields<const F extends readonly FieldForm[]>(
  line: string,
  number: LineNumber,
  keyword: string,
  fieldForms: F,
): { readonly [K in keyof F]: string } {
  const [first, ...fields] = line.split(" ");
  if (first !== keyword) refuseLine(number, `expected a \`${keyword}\` line`);
  if (!hasLengthOf(fields, fieldForms)) {
    refuseLine(number, `expected ${fieldForms.length} fields after \`${keyword}\`, found ${fields.length}`);
  }
  fieldForms.forEach((form, index) => {
    if (!form.accepts(fields[index] ?? "")) refuseLine(number, `${form.expectation} in field ${index + 1}`);
  });
  return fields;
}

function hasLengthOf<const F extends readonly FieldForm[]>(
  fields: readonly string[],
  fieldForms: F,
): fields is { readonly [K in keyof F]: string } {
  return fields.length === fieldForms.length;
}
