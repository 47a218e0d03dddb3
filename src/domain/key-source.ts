import { list, nonEmptyText, readFields, schemaOfFields, text } from "./fields.js";
import type { Field } from "./fields.js";
import { note, noteType } from "./reader.js";

/**
 * Where the private key of a store comes from. In the configuration a file may be written as a plain string; the others
 * are mappings with exactly one key.
 */
export interface KeySource {
  /** A file, relative to the configuration. */
  readonly file?: string;
  /** The name of an environment variable that holds the key itself. */
  readonly env?: string;
  /** An inherited file descriptor to read it from. */
  readonly fd?: number;
  /** A program and its arguments that prints it; needs trust. */
  readonly command?: readonly string[];
  /** An identity file protected by a passphrase. */
  readonly passphrase_file?: string;
}

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
  schema: { type: "integer", minimum: 0, maximum: 1023 },
  read: (value, place) =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 1024
      ? value
      : noteType(place, "the number of a file descriptor", value),
};

const sources = {
  file: nonEmptyText,
  env: text((value) => (/^[A-Za-z_]\w*$/.test(value) ? undefined : "expected the name of an environment variable"), {
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
  }),
  fd: descriptor,
  command: argv,
  passphrase_file: nonEmptyText,
};

/** A key source as it is written: a string is a file. Kept in the form given. */
export const keySource: Field<string | KeySource> = {
  schema: { anyOf: [nonEmptyText.schema, { ...schemaOfFields(sources), minProperties: 1, maxProperties: 1 }] },
  read: (value, place) => {
    if (typeof value === "string") return nonEmptyText.read(value, place);
    if (typeof value !== "object" || value === null)
      return noteType(place, "a file or a mapping such as `{ env: NAME }`", value);
    const values = readFields(sources, value, place);
    if (values === undefined) return undefined;
    const given = Object.keys(values);
    if (given.length === 1) return Object.freeze({ ...values }) as KeySource;
    return note(place, `expected exactly one of ${Object.keys(sources).join(", ")}`);
  },
};

const argument = text((value) => (value.includes("\0") ? "expected no NUL character" : undefined));
