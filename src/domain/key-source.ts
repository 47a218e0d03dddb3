import { list, nonEmptyText, readFields, required, schemaOfFields, text } from "./fields.js";
import type { Field, Fields, FieldValues } from "./fields.js";
import { note, noteType } from "./reader.js";
import type { Place } from "./reader.js";

const argument = text((value) => (value.includes("\0") ? "expected no NUL character" : undefined));

/** A program and its arguments, run without a shell. */
export const argv: Field<readonly string[]> = {
  schema: { type: "array", items: { type: "string" }, minItems: 1 },
  read: (value, place) => {
    const words = list(argument).read(value, place);
    if (words === undefined) return undefined;
    return words[0] === undefined || words[0] === "" ? note(place, "expected a program and its arguments") : words;
  },
};

const descriptor: Field<number> = {
  schema: { type: "integer", minimum: 3, maximum: 1023 },
  read: (value, place) => {
    if (typeof value !== "number") return noteType(place, "the number of an open file descriptor", value);
    const isDescriptor = Number.isInteger(value) && value >= 3 && value <= 1023;
    return isDescriptor ? value : note(place, "expected the number of an open file descriptor from 3");
  },
};

const variable = text(
  (value) => (/^[A-Za-z_]\w*$/.test(value) ? undefined : "expected the name of an environment variable"),
  { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
);

/** Where a secret text comes from that is not in a file of its own: exactly one of these. */
const textSources = { env: variable, fd: descriptor, command: argv };

const passphrase: Field<object> = {
  schema: { ...schemaOfFields(textSources), minProperties: 1, maxProperties: 1 },
  read: (value, place) => {
    const values = readFields(textSources, value, place);
    return values === undefined ? undefined : exactlyOne(textSources, values, place);
  },
};

const keyFields = { file: nonEmptyText, passphrase, ...textSources };

/**
 * Where the private key of a store comes from, kept in the form given: a string or `{ file }` for a file, with
 * `passphrase` when it is protected by one; `{ env }`, `{ fd }`, or `{ command }`, which needs trust.
 */
export const keySource: Field<unknown> = {
  schema: {
    anyOf: [
      nonEmptyText.schema,
      schemaOfFields({ file: required(nonEmptyText), passphrase }),
      { ...schemaOfFields(textSources), minProperties: 1, maxProperties: 1 },
    ],
  },
  read: (value, place) => {
    if (typeof value === "string") return nonEmptyText.read(value, place);
    if (typeof value !== "object" || value === null) {
      return noteType(place, "a file or a mapping such as `{ env: NAME }`", value);
    }
    const values = readFields(keyFields, value, place);
    if (values === undefined) return undefined;
    const { passphrase: unlock, ...sources } = values;
    if (unlock !== undefined && !("file" in sources)) return note(place, "expected `file` beside `passphrase`");
    return exactlyOne({ file: nonEmptyText, ...textSources }, sources, place) === undefined ? undefined : { ...values };
  },
};

/** Whether a key source, of a form {@link keySource} accepts, runs a program; which one. */
export function programOfKey(source: unknown): readonly string[] | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if ("command" in source) return Array.isArray(source.command) ? source.command.map(String) : undefined;
  return "passphrase" in source ? programOfKey(source.passphrase) : undefined;
}

function exactlyOne<F extends Fields>(fields: F, values: FieldValues<F>, place: Place): FieldValues<F> | undefined {
  if (Object.keys(values).length === 1) return { ...values };
  return note(place, `expected exactly one of ${Object.keys(fields).join(", ")}`);
}
