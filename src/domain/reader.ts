import type { Problem } from "../errors.js";
import { quote } from "../errors.js";
import { nearest } from "./names.js";

/** Faults after which no more nearest words are looked for: each costs time in proportion to the number of names. */
const maximumSuggestions = 100;

/** Where a value stands in the data, and the list that takes what is wrong with it. */
export interface Place {
  readonly problems: Problem[];
  readonly parent?: Place;
  readonly key?: string | number;
}

/** The place of the whole data. */
export function rootPlace(problems: Problem[]): Place {
  return { problems };
}

/** The place of one entry of a mapping or list. */
export function inside(parent: Place, key: string | number): Place {
  return { problems: parent.problems, parent, key };
}

/** Keys and indices from the root to a place. */
function pathOf(place: Place): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.key !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}

/** Notes what is wrong at a place. Gives `undefined`, so that a reader can return the call. */
export function note(place: Place, message: string, suggestion?: string): undefined {
  place.problems.push({ path: pathOf(place), message, ...(suggestion === undefined ? {} : { suggestion }) });
}

/** Notes a word that is not one of the valid ones, with the nearest that is. */
export function noteUnknown(place: Place, message: string, word: string, valid: Iterable<string>): undefined {
  const isSearched = place.problems.length < maximumSuggestions;
  note(place, message, isSearched ? nearest(word, valid) : undefined);
}

/** Notes a value of the wrong type, naming the type found and never the value: it may be a secret. */
export function noteType(place: Place, expected: string, value: unknown): undefined {
  note(place, `expected ${expected}, found ${typeName(value)}`);
}

/** The type of any value in the words of a configuration file. */
function typeName(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (typeof value === "object") return isPlainObject(value) ? "a mapping" : "an object that is not plain data";
  return value === "" ? "an empty string" : `a ${typeof value}`;
}

/**
 * The own entries of a plain object, or `undefined` with a note when the value is anything else. Accessors are noted and
 * left out: data that computes itself cannot be checked once and used later.
 */
export function entriesOf(value: unknown, place: Place): readonly (readonly [string, unknown])[] | undefined {
  if (!isPlainObject(value)) {
    return noteType(place, isNothing(value) ? "a mapping (`{}` for none)" : "a mapping", value);
  }
  const entries: (readonly [string, unknown])[] = [];
  for (const key of Object.keys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined || !("value" in descriptor))
      note(inside(place, key), "expected plain data, found a getter");
    else if (descriptor.value !== undefined) entries.push([key, descriptor.value]);
  }
  return entries;
}

/** The items of a list, or `undefined` with a note when the value is anything else. */
export function itemsOf(value: unknown, place: Place): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : noteType(place, "a list", value);
}

/** Notes a key that the mapping at `place` does not have. */
export function noteUnknownKey(place: Place, key: string, valid: Iterable<string>): undefined {
  noteUnknown(inside(place, key), `unknown key ${quote(key)}`, key, valid);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Whether a value is an object literal or parsed data, of this realm or another, and not an instance of a class. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "propertyIsEnumerable");
}
