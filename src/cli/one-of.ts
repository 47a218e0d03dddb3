import { nearest } from "../domain/names.js";
import { quote } from "../errors.js";
import type { InvalidInputError } from "../errors.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";

/**
 * The value of an option that takes one of a few words.
 *
 * @returns `undefined` when the option was not given
 * @throws InvalidInputError for any other word
 */
export function oneOf<T extends string>(args: Arguments, option: string, words: readonly T[]): T | undefined {
  const given = args.option(option);
  const word = words.find((known) => known === given);
  if (given === undefined || word !== undefined) return word;
  throw expectedOneOf(args, option, words);
}

/** The error for an option that is missing, or has another value than these. */
export function expectedOneOf(args: Arguments, option: string, words: readonly string[]): InvalidInputError {
  const given = args.option(option);
  const meant = given === undefined ? undefined : nearest(given, words);
  const hint = meant === undefined ? "" : `; did you mean ${quote(meant)}?`;
  return misuse(args.command, `--${option}: expected one of ${words.join(", ")}${hint}`);
}
