import { looksLikePlaceholder } from "../dotenv/placeholder.js";

const minimumCharacters = 8;
const minimumPlainCharacters = 12;
const minimumDistinct = 4;

/**
 * Why a value is not looked for: it would be found everywhere, so that nobody would read what else is found.
 *
 * @param value - the value without white space around it
 * @returns `undefined` when it is looked for
 */
export function whyTooCommon(value: string): string | undefined {
  if (value.length < minimumCharacters) return `its value has fewer than ${minimumCharacters} characters`;
  if (looksLikePlaceholder(value)) return "its value looks like a placeholder";
  const isOneKind = /^(?:[a-z]+|[A-Z]+|[A-Z][a-z]+|\d+|[^\p{L}\d]+)$/u.test(value);
  if (isOneKind && value.length < minimumPlainCharacters) {
    return `its value is a plain word or number of fewer than ${minimumPlainCharacters} characters`;
  }
  if (new Set(value).size < minimumDistinct) return `its value repeats fewer than ${minimumDistinct} characters`;
  return undefined;
}

/** Standard base64, hexadecimal, and the like. */
const plainRun = /[A-Za-z0-9+/]{20,}={0,2}/g;
/** Tokens with `-` and `_`, which identifiers have as well: only with letters of both cases and digits. */
const tokenRun = /[\w+/=-]{24,}/g;

/**
 * The parts of a value of several lines (a private key, a file of credentials) that give it away on their own: unbroken
 * runs that look like chance, never armour lines, field names, addresses or prose.
 */
export function telltaleParts(value: string): readonly string[] {
  const runs = value
    .split(/\r?\n/)
    .flatMap((line) => [
      ...(line.match(plainRun) ?? []).filter((run) => /\d/.test(run) && /[A-Za-z]/.test(run)),
      ...(line.match(tokenRun) ?? []).filter((run) => /\d/.test(run) && /[A-Z]/.test(run) && /[a-z]/.test(run)),
    ]);
  return [...new Set(runs)].filter((run) => new Set(run).size >= minimumDistinct * 2);
}
