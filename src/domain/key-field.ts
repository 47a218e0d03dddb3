import { list, nonEmptyText, required, schemaOfFields, text } from "./fields.js";
import type { Field } from "./fields.js";
import { parseKeySource } from "./key-source.js";
import type { KeySource, TextSource } from "./key-source.js";
import { keyrings } from "./keychain-entry.js";
import { entriesOf, inside, note, noteType } from "./reader.js";
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

/** What editors are told about the forms that {@link parseKeySource} reads. */
const textSources: Field<unknown>["schema"] = {
  type: "object",
  properties: {
    env: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
    fd: { type: "integer", minimum: 3, maximum: 1023 },
    command: argv.schema,
    keychain: {
      type: "object",
      properties: { account: nonEmptyText.schema, service: nonEmptyText.schema, keyring: { enum: keyrings } },
      required: ["account"],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
};

const passphrase: Field<unknown> = { schema: textSources, read: (value) => value };

/** Where the private key of a store comes from, kept in the form given. */
export const keySource: Field<unknown> = {
  schema: {
    anyOf: [nonEmptyText.schema, schemaOfFields({ file: required(nonEmptyText), passphrase }), textSources],
  },
  read: (value, place) => {
    if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
      return noteType(place, "a file or a mapping such as `{ env: NAME }`", value);
    }
    const data = typeof value === "string" ? value : plainCopy(value, place);
    if (data === undefined) return undefined;
    const parsed = parseKeySource(data);
    if ("source" in parsed) return typeof data === "string" ? data : formOf(parsed.source);
    for (const { path, message, suggestion } of parsed.problems) note(path.reduce(inside, place), message, suggestion);
    return undefined;
  },
};

/** The same mapping without accessors, and those within it too. */
function plainCopy(value: unknown, place: Place): object | undefined {
  const entries = entriesOf(value, place)?.map(([key, each]) => {
    const isMapping = (key === "passphrase" || key === "keychain") && typeof each === "object" && each !== null;
    return [key, isMapping ? plainCopy(each, inside(place, key)) : each] as const;
  });
  return entries === undefined ? undefined : Object.fromEntries(entries);
}

function formOf(source: KeySource): object {
  if (source.kind !== "file") return textForm(source);
  const { file, passphrase: from } = source;
  return from === undefined ? { file } : { file, passphrase: textForm(from) };
}

function textForm(source: TextSource): object {
  if (source.kind === "env") return { env: source.variable };
  if (source.kind === "fd") return { fd: source.descriptor };
  if (source.kind === "command") return { command: source.argv };
  const { account, service, keyring } = source;
  return { keychain: { account, service, keyring } };
}
