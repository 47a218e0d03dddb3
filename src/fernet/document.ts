import { isUtf8 } from "node:buffer";
import { IntegrityError, InvalidInputError, quote } from "../errors.js";
import { byOlderName, olderName } from "./names.js";
import { scanObject } from "./scan.js";

/** One member of the object. What is not changed is written back as it was spelt. */
export interface DocumentEntry {
  readonly name: string;
  /** The name and the value as they stand in the text. */
  readonly written: { readonly name: string; readonly value: string };
  /** `undefined` when the value is no string, or no valid Unicode. */
  readonly text: string | undefined;
}

/** The plaintext of the older file: a flat JSON object, in its order. */
export type OlderDocument = readonly DocumentEntry[];

/**
 * Reads the plaintext of the older file.
 *
 * @throws IntegrityError when it is no JSON object, or has a name twice
 */
export function parseDocument(plaintext: Buffer): OlderDocument {
  const members = isUtf8(plaintext) ? scanObject(plaintext.toString("utf8")) : undefined;
  if (members === undefined) throw new IntegrityError("what it holds is not a JSON object");
  const entries = members.map(({ name, value }): DocumentEntry => {
    const decoded: unknown = JSON.parse(value);
    const text = typeof decoded === "string" && decoded.isWellFormed() ? decoded : undefined;
    return { name: String(JSON.parse(name)), written: { name, value }, text };
  });
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new IntegrityError(`the name ${quote(name)} is there twice`);
    seen.add(name);
  }
  return entries;
}

/** The plaintext as Python's `json.dumps(object, indent=2)` writes it. */
export function marshalDocument(document: OlderDocument): Buffer {
  if (document.length === 0) return Buffer.from("{}");
  const lines = document.map(({ written }) => `  ${written.name}: ${written.value}`);
  return Buffer.from(`{\n${lines.join(",\n")}\n}`);
}

/**
 * The values of names, in the order asked, however the names are spelt in the file.
 *
 * @returns `undefined` for a name that is not there
 * @throws IntegrityError when two names in the file are one of these, or a value is no text
 */
export function valuesIn(document: OlderDocument, names: readonly string[]): readonly (Buffer | undefined)[] {
  const entries = byOlderName(document, ({ name }) => name);
  return names.map((name) => {
    const entry = onlyOne(entries.get(olderName(name)) ?? []);
    if (entry === undefined) return undefined;
    if (entry.text !== undefined) return Buffer.from(entry.text);
    throw new IntegrityError(`the value of ${quote(entry.name)} is not a text`, {
      hint: "the older format holds JSON strings only; set the value again, or mend it with the program that wrote it",
    });
  });
}

/**
 * The document with one value set: in its place when the name is there, else at the end under its older name.
 *
 * @throws InvalidInputError when the format cannot hold such a name or value
 */
export function withValue(document: OlderDocument, name: string, value: Uint8Array): OlderDocument {
  const present = entryOf(document, name);
  const made = newEntry(name, value);
  if (present === undefined) return [...document, made];
  const written = { name: present.written.name, value: made.written.value };
  return document.map((each) => (each === present ? { ...made, name: present.name, written } : each));
}

/** A new document. @throws InvalidInputError when the format cannot hold one of the names or values */
export function documentFrom(values: Iterable<readonly [string, Uint8Array]>): OlderDocument {
  return Array.from(values, ([name, value]) => newEntry(name, value));
}

/** The document without one value, or `undefined` when there is none. */
export function withoutValue(document: OlderDocument, name: string): OlderDocument | undefined {
  const entry = entryOf(document, name);
  return entry === undefined ? undefined : document.filter((each) => each !== entry);
}

/** @throws InvalidInputError when nothing of the name is left in the older format */
function requireOlderName(name: string): string {
  const older = olderName(name);
  if (older !== "") return older;
  throw new InvalidInputError(`${quote(name)} cannot be a name in the older format: it has no letter or digit`);
}

/** @throws InvalidInputError unless the value is text */
function textOf(name: string, value: Uint8Array): string {
  if (isUtf8(value)) return Buffer.from(value).toString("utf8");
  throw new InvalidInputError(`the value of ${quote(name)} is not UTF-8, and the older format holds text only`, {
    hint: "store it as base64, or keep it in the sealed format",
  });
}

function newEntry(path: string, value: Uint8Array): DocumentEntry {
  const text = textOf(path, value);
  const name = requireOlderName(path);
  return { name, written: { name: pythonString(name), value: pythonString(text) }, text };
}

function entryOf(document: OlderDocument, name: string): DocumentEntry | undefined {
  return onlyOne(byOlderName(document, (each) => each.name).get(olderName(name)) ?? []);
}

function onlyOne([entry, other]: readonly DocumentEntry[]): DocumentEntry | undefined {
  if (entry === undefined || other === undefined) return entry;
  throw new IntegrityError(
    `${quote(entry.name)} and ${quote(other.name)} are one name, ${quote(olderName(entry.name))}`,
    {
      hint: "rename one of them with the program that wrote the file",
    },
  );
}

/** As Python's `json` writes a string by default: ASCII alone, everything else as escaped UTF-16 units. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
