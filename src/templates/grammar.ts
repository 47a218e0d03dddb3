import { InvalidInputError } from "../errors.js";
import { isIdentifier } from "../domain/names.js";

/** A place in a text. Offsets count UTF-16 units from 0; lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly start: number;
  /** The offset behind the last unit. */
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** One `${{ secrets.NAME }}`. */
export interface Reference extends Place {
  /** The secret's name in its canonical form, lower case. */
  readonly name: string;
}

/** Something that begins as a reference and is none. The message never repeats the text: it may hold a value. */
export interface ReferenceFault extends Place {
  readonly message: string;
}

/** What a text holds besides text: in order, apart from each other. */
export type Piece =
  | ({ readonly kind: "reference" } & Reference)
  /** `$${{`, which stands for `${{`. */
  | ({ readonly kind: "literal" } & Place)
  | ({ readonly kind: "fault" } & ReferenceFault);

const opening = "${{";
/** Other contexts of the same syntax (`${{ matrix.os }}`, `${{ secretsanta.x }}`) are text. */
const context = /[ \t]*secrets(?![\w-])/iy;
const contextOnNextLine = /\s*secrets(?![\w-])/iy;
const member = /\.([^\s.}]*)/y;
const closing = /[ \t]*\}\}/y;
const example = "`${{ secrets.NAME }}`";

/**
 * Everything in a text that the grammar knows:
 *
 *     reference = "${{" blank* "secrets." NAME blank* "}}"     NAME: letters, digits and `_`, a letter first, any case
 *     literal   = "$${{"
 *     blank     = space | tab
 *
 * `secrets` may be in any case, as in the expressions of GitHub Actions. A reference stands on one line. Whatever else
 * begins with `${{ secrets` is a fault; every other `${{` is text. Takes time in proportion to the text.
 */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const placeOf = placer(text);
  for (let at = text.indexOf(opening); at !== -1;) {
    const piece = text[at - 1] === "$" ? literal(at) : pieceAt(text, at);
    if (piece !== undefined) pieces.push({ ...piece, ...placeOf(piece.start) });
    at = text.indexOf(opening, piece?.end ?? at + opening.length);
  }
  return pieces;
}

/**
 * The references of a text, in order. Malformed ones are left out; {@link piecesOf} has them, too.
 *
 * @throws InvalidInputError for what is no text, from a caller without types
 */
export function referencesIn(text: string): readonly Reference[] {
  const given: unknown = text;
  if (typeof given !== "string") throw new InvalidInputError("`text`: expected a string");
  return piecesOf(text).flatMap((piece) => {
    if (piece.kind !== "reference") return [];
    const { name, start, end, line, column } = piece;
    return [{ name, start, end, line, column }];
  });
}

/**
 * The text with every reference replaced and every `$${{` as `${{`. What `valueOf` returns is data: nothing in it is
 * special, and it is never searched again.
 *
 * @param valueOf - the replacement for a reference
 * @throws InvalidInputError for a malformed reference, with its line and column
 */
export function substitute(text: string, valueOf: (reference: Reference) => string): string {
  return replacePieces(text, piecesOf(text), valueOf);
}

/** As {@link substitute}, for a text whose pieces are known. */
export function replacePieces(
  text: string,
  pieces: readonly Piece[],
  valueOf: (reference: Reference) => string,
): string {
  const parts: string[] = [];
  let from = 0;
  for (const piece of pieces) {
    if (piece.kind === "fault") throw new InvalidInputError(`${piece.line}:${piece.column}: ${piece.message}`);
    parts.push(text.slice(from, piece.start), piece.kind === "literal" ? opening : valueOf(piece));
    from = piece.end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}

type Found =
  | { readonly kind: "reference"; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: "literal"; readonly start: number; readonly end: number }
  | { readonly kind: "fault"; readonly message: string; readonly start: number; readonly end: number };

function literal(at: number): Found {
  return { kind: "literal", start: at - 1, end: at + opening.length };
}

/** @returns `undefined` when the `${{` at an offset is text */
function pieceAt(text: string, start: number): Found | undefined {
  const inside = start + opening.length;
  const word = match(context, text, inside);
  const fault = (message: string, end = word?.end ?? inside): Found => ({ kind: "fault", message, start, end });
  if (word === undefined) {
    const below = match(contextOnNextLine, text, inside);
    return below === undefined ? undefined : fault(`expected ${example} on one line`, below.end);
  }
  const field = match(member, text, word.end);
  if (field === undefined) return fault(`expected ${example}`);
  if (field.captured === "") return fault(`the name is missing: expected ${example}`);
  const name = field.captured.toLowerCase();
  if (!isIdentifier(name)) {
    return fault("the name of a secret has letters, digits and `_` only, starts with a letter, and has at most 128");
  }
  const end = match(closing, text, field.end)?.end;
  if (end === undefined) return fault("expected `}}` after the name of the secret, on the same line");
  return { kind: "reference", name, start, end };
}

function match(
  pattern: RegExp,
  text: string,
  from: number,
): { readonly end: number; readonly captured: string } | undefined {
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found === null ? undefined : { end: pattern.lastIndex, captured: found[1] ?? "" };
}

/** Lines and columns of offsets that are asked for in rising order. A byte order mark is no column. */
export function placer(text: string): (offset: number) => { readonly line: number; readonly column: number } {
  let line = 1;
  let lineStart = text.startsWith("\uFEFF") ? 1 : 0;
  let lineEnd = text.indexOf("\n");
  return (offset) => {
    while (lineEnd !== -1 && lineEnd < offset) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = text.indexOf("\n", lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}
