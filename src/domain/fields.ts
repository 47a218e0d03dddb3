import { hasControlCharacter, identifierExpectation, isIdentifier, pathFault } from "./names.js";
import { entriesOf, inside, itemsOf, note, noteType, noteUnknown, noteUnknownKey } from "./reader.js";
import type { Place } from "./reader.js";

/** A JSON Schema (draft 2020-12), as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One kind of value in the configuration: how it is read, and how editors are told about it. */
export interface Field<T> {
  readonly schema: JsonSchema;
  /** The value, or `undefined` with at least one note at the place. Never throws. */
  readonly read: (value: unknown, place: Place) => T | undefined;
  readonly required?: true;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What {@link readFields} gives: any field may be missing, because it was not given or was faulty. */
export type FieldValues<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Field<infer T> ? T : never;
};

/** The same field, noted when it is not there. */
export function required<T>(field: Field<T>): Field<T> {
  return { ...field, required: true };
}

/** The same field with one line for editors. */
export function described<T>(description: string, field: Field<T>): Field<T> {
  return { ...field, schema: { ...field.schema, description } };
}

/** A string that `fault` finds nothing wrong with; `fault` returns what was expected, without the value. */
export function text(fault: (value: string) => string | undefined = noFault, schema: JsonSchema = {}): Field<string> {
  return {
    schema: { type: "string", ...schema },
    read: (value, place) => {
      if (typeof value !== "string") return noteType(place, "a string", value);
      const found = fault(value);
      return found === undefined ? value : note(place, found);
    },
  };
}

export const anyText = text();
export const nonEmptyText = text(emptyOrControl, { minLength: 1 });
export const identifier = text((value) => (isIdentifier(value) ? undefined : `expected ${identifierExpectation}`), {
  pattern: "^[a-z][a-z0-9_]*$",
  maxLength: 128,
});
export const storePath = text(pathFault, { minLength: 1, maxLength: 1024 });

export const flag: Field<boolean> = {
  schema: { type: "boolean" },
  read: (value, place) => (typeof value === "boolean" ? value : noteType(place, "true or false", value)),
};

export const number: Field<number> = {
  schema: { type: "number" },
  read: (value, place) =>
    typeof value === "number" && Number.isFinite(value) ? value : noteType(place, "a number", value),
};

/** One of a few words; which one was found is said, because it is a word of the configuration and not a value. */
export function oneOf<const W extends string>(words: readonly W[]): Field<W> {
  return {
    schema: { enum: words },
    read: (value, place) => {
      if (typeof value !== "string") return noteType(place, words.join(" or "), value);
      return words.find((word) => word === value) ?? noteUnknown(place, `expected ${words.join(" or ")}`, value, words);
    },
  };
}

/** A list whose items are all of one kind. A faulty item is noted and makes the whole list faulty. */
export function list<T>(item: Field<T>, { minItems = 0 }: { readonly minItems?: 0 | 1 } = {}): Field<readonly T[]> {
  return {
    schema: { type: "array", items: item.schema, ...(minItems === 0 ? {} : { minItems }) },
    read: (value, place) => {
      const items = itemsOf(value, place);
      if (items === undefined) return undefined;
      if (items.length < minItems) return note(place, "expected a list that is not empty");
      const read = items.map((each, index) => item.read(each, inside(place, index)));
      const whole = read.filter((each) => each !== undefined);
      return whole.length === items.length ? whole : undefined;
    },
  };
}

/** A mapping from names of the user's choice to values of one kind. Faulty entries are noted and left out. */
export function named<T>(name: Field<string>, entry: Field<T>): Field<ReadonlyMap<string, T>> {
  return {
    schema: { type: "object", propertyNames: name.schema, additionalProperties: entry.schema },
    read: (value, place) => {
      const entries = entriesOf(value, place);
      if (entries === undefined) return undefined;
      const map = new Map<string, T>();
      for (const [key, each] of entries) {
        const at = inside(place, key);
        const isNamed = name.read(key, at) !== undefined;
        const read = entry.read(each, at);
        if (isNamed && read !== undefined) map.set(key, read);
      }
      return map;
    },
  };
}

/** The fields of a mapping with known keys: unknown keys and missing required ones are noted. */
export function readFields<F extends Fields>(fields: F, value: unknown, place: Place): FieldValues<F> | undefined {
  const entries = entriesOf(value, place);
  if (entries === undefined) return undefined;
  const values: Record<string, unknown> = Object.create(null);
  for (const [key, each] of entries) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) noteUnknownKey(place, key, Object.keys(fields));
    else values[key] = field.read(each, inside(place, key));
  }
  for (const key of Object.keys(fields)) {
    if (fields[key]?.required === true && !(key in values)) fields[key].read(undefined, inside(place, key));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each value was read by the field of its key
  return values as FieldValues<F>;
}

/** The JSON Schema of a mapping with known keys. */
export function schemaOfFields(fields: Fields): JsonSchema {
  const requiredKeys = Object.keys(fields).filter((key) => fields[key]?.required === true);
  return {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.schema])),
    ...(requiredKeys.length === 0 ? {} : { required: requiredKeys }),
    additionalProperties: false,
  };
}

/** A mapping with known keys, made into what `build` returns. */
export function record<F extends Fields, T>(
  fields: F,
  build: (values: FieldValues<F>, place: Place) => T | undefined,
): Field<T> {
  return {
    schema: schemaOfFields(fields),
    read: (value, place) => {
      const values = readFields(fields, value, place);
      return values === undefined ? undefined : build(values, place);
    },
  };
}

function noFault(): undefined {
  return undefined;
}

function emptyOrControl(value: string): string | undefined {
  if (value === "") return "expected a string that is not empty";
  return hasControlCharacter(value) ? "expected no control characters" : undefined;
}
