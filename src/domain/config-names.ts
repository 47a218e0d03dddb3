import { quote } from "../errors.js";
import { identifier, text } from "./fields.js";
import type { Field } from "./fields.js";
import { identifierExpectation, isIdentifier } from "./names.js";
import { note, noteUnknown } from "./reader.js";

/** The names that other parts of the configuration may refer to, whether or not their own entries are sound. */
export interface KnownNames {
  readonly stores: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
}

/** The key of an entry that becomes a public name; an environment-style or mistyped one gets the name it could have. */
export const entryName: Field<string> = {
  schema: identifier.schema,
  read: (value, place) => {
    if (typeof value === "string" && isIdentifier(value)) return value;
    const near = typeof value === "string" ? value.toLowerCase().replace(/[^a-z0-9]+/g, "_") : "";
    const suggestion = isIdentifier(near) ? near : undefined;
    return note(place, `expected a name of ${identifierExpectation}`, suggestion);
  },
};

/** The key of a keyholder: like a host name, so wider than an identifier. */
export const keyholderName: Field<string> = text(
  (value) =>
    /^[a-z0-9][a-z0-9._-]{0,127}$/i.test(value)
      ? undefined
      : "expected a name of letters, digits, `.`, `_` and `-`, at most 128 characters",
  { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$" },
);

/** A word that must be the name of a configured store or policy. */
export function nameOf(kind: "store" | "policy", known: ReadonlySet<string>): Field<string> {
  return {
    schema: identifier.schema,
    read: (value, place) => {
      const word = identifier.read(value, place);
      if (word === undefined || known.has(word)) return word;
      return noteUnknown(place, `unknown ${kind} ${quote(word)}`, word, known);
    },
  };
}
