import { InvalidInputError } from "../errors.js";

/** One `NAME=value` line. */
export interface ValueLine {
  readonly key: string;
  readonly value: Uint8Array;
  /** From 1. */
  readonly line: number;
}

const bytes = { newline: 0x0a, carriageReturn: 0x0d, hash: 0x23, equals: 0x3d };

/**
 * Reads lines for programs: a name, `=`, and the value byte for byte up to the end of the line. Nothing is quoted,
 * trimmed or continued. Empty lines and lines that begin with `#` are passed over; the last line may lack its end.
 *
 * @throws InvalidInputError with the line's number, never with its text, which may be a value
 */
export function parseValueLines(input: Uint8Array): readonly ValueLine[] {
  const found: ValueLine[] = [];
  for (let start = 0, line = 1; start < input.length; line++) {
    const end = input.indexOf(bytes.newline, start);
    const content = input.subarray(start, end === -1 ? input.length : end);
    start = end === -1 ? input.length : end + 1;
    if (content.length > 0 && content[0] !== bytes.hash) found.push({ ...readLine(content, line), line });
  }
  return found;
}

function readLine(content: Uint8Array, line: number): Pick<ValueLine, "key" | "value"> {
  const fault = (message: string, hint?: string): InvalidInputError =>
    new InvalidInputError(`standard input line ${line}: ${message}`, hint === undefined ? {} : { hint });
  const equals = content.indexOf(bytes.equals);
  if (equals === -1) throw fault("expected `NAME=value`, found no `=`");
  const key = Buffer.from(content.subarray(0, equals)).toString("latin1");
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
    throw fault("expected a name of letters, digits and `_` before `=`", "a value of several lines goes by --from");
  }
  if (content.at(-1) === bytes.carriageReturn) {
    throw fault(
      "the line ends with a carriage return, which would become part of the value",
      "end lines with LF alone",
    );
  }
  return { key, value: content.subarray(equals + 1) };
}
