/** One program of the real-tool tests. */
export interface ToolRow {
  /** Its name in `.tools/bin`. */
  readonly name: string;
  /** Its name on PATH, when it is another. */
  readonly program?: string;
  /** What it is asked, and how the right program answers. None for packages of Python. */
  readonly argv?: readonly string[];
  readonly answer?: RegExp;
  readonly only?: readonly NodeJS.Platform[];
}

export const catalogue: readonly ToolRow[];

/** Whether a program can be had on this kind of machine. */
export function canBeHad(row: ToolRow): boolean;
