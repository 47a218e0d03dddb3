import { InvalidInputError, quote } from "../errors.js";
import { isScalar, planAdditions } from "./additions.js";
import type { MetadataValue, SopsChanges, SopsDocument, SopsFormat, SopsScalar } from "./document.js";
import { fieldOf, FlatFault, flatten, unflatten } from "./flat.js";
import { collectLeaves } from "./leaves.js";
import type { Leaves } from "./leaves.js";
import { locate } from "./locate.js";
import { lineFinder, parseError } from "./parse-error.js";
import { scalarBytes } from "./scalar.js";
import { applySplices } from "./splice.js";
import type { Splice } from "./splice.js";
import { textOrBytes } from "./text-or-bytes.js";
import { maximumValues, tooManyValues } from "./tree.js";
import type { CommentNode, EntryNode, MapNode, ScalarNode } from "./tree.js";

/** What SOPS puts before the flat names of its metadata. */
const prefix = "sops_";

/** A line of the file: a comment, or `KEY=value`. Offsets are of bytes. */
interface Line {
  readonly start: number;
  /** Of the value, or of the text of the comment. */
  readonly valueStart: number;
  readonly end: number;
  /** Without the prefix; `undefined` for what is not metadata. */
  readonly field: string | undefined;
}

interface Source {
  /** One character for each byte: an env file may hold bytes that are no UTF-8. */
  readonly text: string;
  readonly root: MapNode;
  readonly lines: ReadonlyMap<CommentNode | ScalarNode, Line>;
  readonly metadata: readonly (Line & { readonly field: string; readonly value: string })[];
  readonly last: Line | undefined;
}

/**
 * Env files in the dialect of SOPS (stores/dotenv/store.go): a value is everything after the first `=`, without quotes;
 * `\n` stands for a line break.
 */
export const parseDotenvDocument: SopsFormat["parse"] = async (bytes, file): Promise<SopsDocument> => {
  const source = readLines(Buffer.from(bytes).toString("latin1"), file);
  const leaves = collectLeaves([source.root]);
  const { metadata } = source;
  return {
    leaves: leaves.leaves,
    metadata: metadata.length === 0 ? undefined : metadataOf(source, file),
    locate: (address) => locate([source.root], leaves, file, address),
    edit: (changes) => Buffer.from(editLines(source, leaves, changes), "latin1"),
  };
};

export const createDotenv: SopsFormat["create"] = async (tree) => {
  const lines = [...tree].map(([key, value]) => {
    if (!isScalar(value)) throw new InvalidInputError(`an env file cannot hold a map or list: ${quote(key)}`);
    return `${writeKey(key)}=${writeValue(value)}\n`;
  });
  return Buffer.from(lines.join(""), "latin1");
};

function readLines(text: string, file: string): Source {
  const lineOf = lineFinder(text);
  const items: (CommentNode | EntryNode)[] = [];
  const lines = new Map<CommentNode | ScalarNode, Line>();
  const metadata: (Line & { readonly field: string; readonly value: string })[] = [];
  const keys = new Set<string>();
  let last: Line | undefined;
  let count = 0;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    const found = text.indexOf("\n", start);
    end = found === -1 ? text.length : found;
    if (end === start) continue;
    const line = lineOf(start);
    if ((count += 1) > maximumValues) throw parseError(file, line, tooManyValues);
    if (text[start] === "#") {
      const scalar = textOrBytes(Buffer.from(text.slice(start + 1, end), "latin1"));
      const node: CommentNode = { kind: "comment", scalar, line };
      items.push(node);
      last = { start, valueStart: start + 1, end, field: undefined };
      lines.set(node, last);
      continue;
    }
    const equals = text.indexOf("=", start);
    if (equals === -1 || equals >= end) throw parseError(file, line, "expected `KEY=value`, or `#` before a comment");
    const key = textOrBytes(Buffer.from(text.slice(start, equals), "latin1"));
    if (key.type !== "str") throw parseError(file, line, "expected a key in valid UTF-8");
    if (keys.has(key.value)) throw parseError(file, line, "a key is here twice");
    keys.add(key.value);
    const raw = text.slice(equals + 1, end).replaceAll("\\n", "\n");
    const place = { start, valueStart: equals + 1, end };
    if (key.value.startsWith(prefix)) {
      metadata.push({ ...place, field: key.value.slice(prefix.length), value: raw });
      continue;
    }
    const value: ScalarNode = { kind: "scalar", scalar: textOrBytes(Buffer.from(raw, "latin1")), line };
    items.push({ kind: "entry", key: key.value, value, line });
    last = { ...place, field: undefined };
    lines.set(value, last);
  }
  return { text, root: { kind: "map", items, line: 1 }, lines, metadata, last };
}

function metadataOf({ text, metadata }: Source, file: string): SopsDocument["metadata"] {
  try {
    return unflatten(metadata.map(({ field, value }) => [field, Buffer.from(value, "latin1").toString("utf8")]));
  } catch (error) {
    if (!(error instanceof FlatFault)) throw error;
    const at = metadata.find(({ field }) => fieldOf(field) === fieldOf(error.field))?.start ?? 0;
    throw parseError(file, lineFinder(text)(at), "the fields of the metadata do not fit together");
  }
}

function editLines(source: Source, leaves: Leaves, changes: SopsChanges): string {
  const { text, lines, last } = source;
  const splices: Splice[] = [];
  const place = (leaf: Parameters<typeof leaves.nodes.get>[0]): Line => {
    const node = leaves.nodes.get(leaf);
    const line = node === undefined ? undefined : lines.get(node);
    if (line === undefined) throw new InvalidInputError("the leaf to change is of another document");
    return line;
  };
  for (const [leaf, scalar] of changes.replace ?? []) {
    const { valueStart, end } = place(leaf);
    const written = leaf.kind === "comment" ? writeComment(scalar) : writeValue(scalar);
    splices.push({ start: valueStart, end, text: written });
  }
  for (const leaf of changes.remove ?? []) {
    const { start, end } = place(leaf);
    splices.push({ start, end: Math.min(end + 1, text.length), text: "" });
  }
  const added = planAdditions(source.root, changes.add ?? []).flatMap(({ entries }) => [...entries]);
  const addedLines = added.map(([key, value]) => {
    if (!isScalar(value)) throw new InvalidInputError("an env file holds keys and values only, without levels");
    return `${writeKey(String(key))}=${writeValue(value)}`;
  });
  const firstField = source.metadata[0]?.start;
  if (addedLines.length > 0) {
    const after = last === undefined ? (firstField ?? text.length) : Math.min(last.end + 1, text.length);
    splices.push(insertion(text, after, addedLines));
  }
  if (changes.metadata !== undefined) splices.push(...metadataSplices(source, changes.metadata));
  return applySplices(text, splices);
}

/** Lines at the start of a line, or after the end of a text whose last line is not ended. */
function insertion(text: string, at: number, lines: readonly string[]): Splice {
  const isOpen = at > 0 && text[at - 1] !== "\n";
  return { start: at, end: at, text: lines.map((line) => (isOpen ? `\n${line}` : `${line}\n`)).join("") };
}

function metadataSplices(source: Source, fields: ReadonlyMap<string, MetadataValue | undefined>): readonly Splice[] {
  const { text, metadata } = source;
  const lastField = metadata.at(-1);
  return [...fields]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([field, value]) => {
      const there = metadata.filter((line) => fieldOf(line.field) === field);
      const flat = value === undefined ? [] : flatten(field, value);
      const written = flat.map(([name, one]) => `${prefix}${name}=${encodeText(one)}`);
      const [only] = there;
      const [single] = flat;
      if (there.length === 1 && flat.length === 1 && only !== undefined && single?.[0] === only.field) {
        return [{ start: only.valueStart, end: only.end, text: encodeText(single[1]) }];
      }
      const cuts = there.map(({ start, end }) => ({ start, end: Math.min(end + 1, text.length), text: "" }));
      if (written.length === 0) return cuts;
      const next = metadata.find((line) => fieldOf(line.field) > field)?.start;
      const end = lastField === undefined ? text.length : Math.min(lastField.end + 1, text.length);
      return [...cuts, insertion(text, only?.start ?? next ?? end, written)];
    });
}

function encodeText(text: string): string {
  return Buffer.from(text.replaceAll("\n", "\\n"), "utf8").toString("latin1");
}

function writeKey(key: string): string {
  const isWritable = key !== "" && !/[=\n]/.test(key) && !key.startsWith("#") && !key.startsWith(prefix);
  if (isWritable) return Buffer.from(key, "utf8").toString("latin1");
  throw new InvalidInputError(`an env file of SOPS cannot hold the key ${quote(key)}`);
}

/** @throws InvalidInputError when the text would be another when it is read */
function writeValue(scalar: SopsScalar): string {
  const raw = rawOf(scalar);
  if (!raw.includes("\\n")) return raw.replaceAll("\n", "\\n");
  throw new InvalidInputError("an env file of SOPS reads `\\n` in a value as a line break");
}

function writeComment(scalar: SopsScalar): string {
  const raw = rawOf(scalar);
  if (!raw.includes("\n")) return raw;
  throw new InvalidInputError("a comment of an env file can be text in one line only");
}

function rawOf(scalar: SopsScalar): string {
  if (scalar.type === "null") throw new InvalidInputError("an env file cannot hold null");
  if (scalar.type === "bool") return String(scalar.value);
  return Buffer.from(scalarBytes(scalar) ?? []).toString("latin1");
}
