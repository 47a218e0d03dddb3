import { formatPath } from "../domain/problem.js";
import type { Piece, Place, Reference } from "./grammar.js";

/** Keys and indices from the root of the data to a value in it. */
export type DataPath = readonly (string | number)[];

/** One use of a secret in a template. */
export interface TemplateUse extends Reference {
  /** Where in the data, in a template that is data. */
  readonly path?: DataPath;
}

/** Something about a template that its author should know. The message holds no text of the template. */
export interface TemplateRemark {
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units; not given for what concerns a whole line. */
  readonly column?: number;
  readonly path?: DataPath;
}

/** Gives the text for one use of a secret. */
export type ValueOf = (use: TemplateUse) => string;

/** A template that was read, and knows no values yet. */
export interface Template {
  /** Every reference that will be replaced, in the order of the file. */
  readonly uses: readonly TemplateUse[];
  /** Why it cannot be rendered; empty when it can. */
  readonly faults: readonly TemplateRemark[];
  /** What is no fault and may not be meant. */
  readonly warnings: readonly TemplateRemark[];
  /** What keeps a value from being put in, such as `a NUL character`, or `undefined` when nothing does. */
  readonly valueFault: (value: string) => string | undefined;
  /**
   * The finished text. Only for a template without faults.
   *
   * @throws InvalidInputError when a value cannot stand where it is used
   */
  readonly render: (valueOf: ValueOf) => string;
}

/** The uses and faults among the pieces of one string of the data. */
export function usesOf(
  pieces: readonly Piece[],
  path?: DataPath,
): { readonly uses: readonly TemplateUse[]; readonly faults: readonly TemplateRemark[] } {
  const at = path === undefined ? {} : { path };
  return {
    uses: pieces.flatMap((piece) =>
      piece.kind === "reference" ? [{ ...placeOf(piece), name: piece.name, ...at }] : [],
    ),
    faults: pieces.flatMap(({ line, column, ...piece }) =>
      piece.kind === "fault" ? [{ message: piece.message, line, column, ...at }] : [],
    ),
  };
}

function placeOf({ start, end, line, column }: Place): Place {
  return { start, end, line, column };
}

/** Where a secret is used, as people say it: `llm.api_keys.openai in formation.afs:4`, `nginx.conf:4:12`. */
export function describeUse({ path, line, column }: TemplateUse, file: string): string {
  if (path === undefined) return `${file}:${line}:${column}`;
  const where = formatPath(path);
  return where === "" ? `${file}:${line}` : `${where} in ${file}:${line}`;
}
