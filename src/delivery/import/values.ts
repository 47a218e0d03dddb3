import { InvalidInputError } from "../../errors.js";
import type { Problem } from "../../errors.js";

/** One value of a file that is imported. */
export interface ImportedValue {
  /** The name as it stands in the file. */
  readonly written: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** What a file holds, and everything in it that cannot be imported. */
export interface ImportedFile {
  readonly values: readonly ImportedValue[];
  readonly problems: readonly Problem[];
  /** Things to know about values that can be, one line each. */
  readonly remarks: readonly string[];
}

/** A format that secrets are imported from, as one row of the table. */
export interface ImportFormat {
  readonly name: string;
  /** Names of files that are of this format. */
  readonly files: RegExp;
  /**
   * @param file - for messages
   * @throws InvalidInputError when it cannot be read at all, never with a value
   */
  readonly read: (bytes: Uint8Array, file: string) => Promise<ImportedFile>;
}

/** What stands in place of a text, and what to do: the text of a number is not certain, `0123` and `1e3` read as others. */
const remedies: Readonly<Record<string, string>> = {
  number: "a number: put it in quotes, so that its text is certain",
  boolean: "true or false: put it in quotes, so that its text is certain",
  null: "nothing: put the text in quotes, or leave the name out",
  mapping: "a mapping: a secret is one text; put JSON in quotes",
  list: "a list: a secret is one text; put JSON in quotes",
};

/** The problem of a value that is no text. */
export function notText(file: string, line: number, written: string, found: keyof typeof remedies): Problem {
  return { file, line, path: [written], message: `expected text, found ${remedies[found] ?? found}` };
}

/** The problem of a name that occurs twice. */
export function twice(file: string, line: number, written: string, first: number): Problem {
  return { file, line, path: [written], message: `is there already, on line ${first}; keep one of them` };
}

/** The problem of a text that has no UTF-8 form. */
export function notUnicode(file: string, line: number, written: string): Problem {
  return { file, line, path: [written], message: "expected valid Unicode, found half a surrogate pair" };
}

/** The error for a file that is not one object of names and texts. */
export function noObject(file: string, line: number): InvalidInputError {
  return new InvalidInputError(`${file}:${line}: expected one object of names and texts`);
}
