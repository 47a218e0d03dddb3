import { piecesOf, replacePieces } from "./grammar.js";
import type { Piece, placer } from "./grammar.js";
import { usesOf } from "./template.js";
import type { DataPath, Template, TemplateRemark, TemplateUse, ValueOf } from "./template.js";

/** One string of structured data in which something is to be replaced. */
export interface Slot {
  /** Where its source stands in the text, quotes or block header included. */
  readonly start: number;
  readonly end: number;
  readonly path: DataPath;
  /** What it says as data. */
  readonly value: string;
  /** The pieces of `value`, in its offsets, with lines and columns of the text. */
  readonly pieces: readonly Piece[];
  /** The same pieces in the offsets of the text, when they stand in the source as they are. */
  readonly sourcePieces: readonly Piece[] | undefined;
}

/** Where a string stands, without what surrounds it, such as quotes. */
export interface SourceString {
  readonly start: number;
  readonly end: number;
  readonly innerStart: number;
  readonly innerEnd: number;
  readonly path: DataPath;
  readonly value: string;
}

/** @returns `undefined` when the string has nothing to replace */
export function slotOf(text: string, source: SourceString, placeOf: ReturnType<typeof placer>): Slot | undefined {
  const { start, end, path, value } = source;
  if (!value.includes("${{")) return undefined;
  const found = piecesOf(value);
  if (found.length === 0) return undefined;
  const inSource = piecesOf(text.slice(source.innerStart, source.innerEnd));
  if (!areAlike(found, inSource)) {
    const place = placeOf(start);
    return { start, end, path, value, pieces: found.map((piece) => ({ ...piece, ...place })), sourcePieces: undefined };
  }
  const sourcePieces = inSource.map((piece) => {
    const offset = piece.start + source.innerStart;
    return { ...piece, start: offset, end: piece.end + source.innerStart, ...placeOf(offset) };
  });
  const pieces = found.map((piece, index) => {
    const { line, column } = sourcePieces[index] ?? piece;
    return { ...piece, line, column };
  });
  return { start, end, path, value, pieces, sourcePieces };
}

/** The value of a slot with everything replaced. */
export function filled({ value, pieces, path }: Slot, valueOf: ValueOf): string {
  return replacePieces(value, pieces, (reference) => valueOf({ ...reference, path }));
}

/** The source of a slot with its pieces replaced where they stand. */
export function filledSource(text: string, slot: Slot, sourcePieces: readonly Piece[], valueOf: ValueOf): string {
  const shifted = sourcePieces.map((piece) => ({
    ...piece,
    start: piece.start - slot.start,
    end: piece.end - slot.start,
  }));
  return replacePieces(text.slice(slot.start, slot.end), shifted, (reference) =>
    valueOf({ ...reference, path: slot.path }),
  );
}

/** The text with the source of each slot replaced; every other character stays. */
export function spliced<S extends Slot>(text: string, slots: readonly S[], sourceOf: (slot: S) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (const slot of slots) {
    parts.push(text.slice(from, slot.start), sourceOf(slot));
    from = slot.end;
  }
  return [...parts, text.slice(from)].join("");
}

/** A template made of slots. */
export function slotTemplate(
  slots: readonly Slot[],
  warnings: readonly TemplateRemark[],
  render: Template["render"],
): Template {
  const found = slots.map(({ start, end, path, pieces, sourcePieces }) =>
    usesOf(sourcePieces ?? pieces.map((piece) => ({ ...piece, start, end })), path),
  );
  const uses: readonly TemplateUse[] = found.flatMap((each) => each.uses);
  return { uses, faults: found.flatMap((each) => each.faults), warnings, valueFault: () => undefined, render };
}

/** What is said of a reference that stands in a key. */
export function keyWarning(line: number, path: DataPath): TemplateRemark {
  return { message: "a reference in a key is left as it is: only values are replaced", line, path };
}

/** A text that is not in its format. */
export function faultyTemplate(faults: readonly TemplateRemark[]): Template {
  return { uses: [], faults, warnings: [], valueFault: () => undefined, render: () => "" };
}

function areAlike(some: readonly Piece[], others: readonly Piece[]): boolean {
  return some.length === others.length && some.every((piece, index) => signOf(piece) === signOf(others[index]));
}

function signOf(piece: Piece | undefined): string {
  if (piece?.kind === "reference") return `reference ${piece.name}`;
  return piece?.kind === "fault" ? `fault ${piece.message}` : (piece?.kind ?? "");
}
