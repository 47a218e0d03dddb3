import { isUtf8 } from "node:buffer";
import { quote } from "../../errors.js";
import { lineFinder, parseError } from "../parse-error.js";
import { metadataKey } from "../tree.js";
import type { CommentNode, EntryNode, MapNode, ScalarNode } from "../tree.js";

/** A part of a comment: a line of its own, or the end of the line of a key or section. */
interface CommentPart {
  /** From `#` or `;` on. */
  readonly start: number;
  /** Before the line break. */
  readonly end: number;
  readonly isWholeLine: boolean;
}

/** `key = value`, over as many lines as it takes. */
export interface IniLine {
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Where the next line begins. */
  readonly end: number;
}

export interface IniField extends IniLine {
  readonly name: string;
  readonly value: string;
}

export interface IniSection {
  readonly name: string;
  readonly node: MapNode;
  /** Of the header; of the section before all headers, the start of the file. */
  readonly start: number;
  /** Where the last key, else the header, ends. */
  readonly end: number;
}

export interface IniText {
  readonly text: string;
  readonly root: MapNode;
  readonly sections: readonly IniSection[];
  readonly lines: ReadonlyMap<ScalarNode, IniLine>;
  readonly comments: ReadonlyMap<CommentNode, readonly CommentPart[]>;
  /** The keys of `[sops]`; `undefined` without such a section. */
  readonly metadata: { readonly fields: readonly IniField[]; readonly start: number; readonly end: number } | undefined;
}

/** What Go's `unicode.IsSpace` calls space. */
const space = "\\t\\n\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000";
const leading = new RegExp(`^[${space}]*`);
const isSpace = new RegExp(`[${space}]`);

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace.test(text[at - 1] ?? "")) at -= 1;
  return at;
}

/**
 * Reads INI in the dialect of SOPS (gopkg.in/ini.v1 as stores/ini/store.go uses it): `=` or `:` after a key, values in
 * `"""` or backticks over several lines, `\` at the end of a line to go on, comments after `#` or `;` anywhere outside
 * quotes. Keys before the first section are in the section `DEFAULT`. All comments before a key are one, and so are those
 * before a section.
 *
 * @throws IntegrityError, located
 */
export function readIni(bytes: Uint8Array, file: string): IniText {
  if (!isUtf8(bytes)) throw parseError(file, 1, "expected valid UTF-8");
  const text = Buffer.from(bytes).toString("utf8");
  const lineOf = lineFinder(text);
  const lines = new Map<ScalarNode, IniLine>();
  const comments = new Map<CommentNode, readonly CommentPart[]>();
  const sections: IniSection[] = [];
  const rootItems: EntryNode[] = [];
  const metadataFields: IniField[] = [];
  let metadata: IniText["metadata"];
  let pending: CommentPart[] = [];
  let counter = 1;
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const fault = (offset: number, message: string): Error => parseError(file, lineOf(offset), message);
  const nextLine = (from: number): number => {
    const found = text.indexOf("\n", from);
    return found === -1 ? text.length : found + 1;
  };

  const takeComment = (): CommentNode | undefined => {
    const parts = pending;
    const [first] = parts;
    pending = [];
    if (first === undefined) return undefined;
    const joined = parts
      .map(({ start, end, isWholeLine }) => text.slice(start, isWholeLine ? nextLine(end) : end))
      .join("");
    const trimmed = joined.slice(0, trimEnd(joined, 0, joined.length));
    const value = trimmed.replace(trimmed.startsWith(";") ? /^[; ]*/ : /^[# ]*/, "");
    const node: CommentNode = { kind: "comment", scalar: { type: "str", value }, line: lineOf(first.start) };
    comments.set(node, parts);
    return node;
  };

  let current = openSection("DEFAULT", at, at, undefined);

  function openSection(name: string, start: number, end: number, comment: CommentNode | undefined) {
    const items: (CommentNode | EntryNode)[] = comment === undefined ? [] : [comment];
    const node: MapNode = { kind: "map", items, line: lineOf(start) };
    rootItems.push({ kind: "entry", key: name, value: node, line: node.line });
    return { name, node, items, keys: new Set<string>(), start, end };
  }
  const closeSection = (): void => {
    const { name, node, start, end } = current;
    sections.push({ name, node, start, end });
    if (name !== metadataKey) return;
    if (metadata !== undefined) throw fault(start, "the section `sops` is here twice");
    metadata = { fields: metadataFields, start, end };
  };

  while (at < text.length) {
    const lineStart = at;
    const lineEnd = nextLine(at);
    const start = lineStart + (leading.exec(text.slice(lineStart, lineEnd))?.[0].length ?? 0);
    at = lineEnd;
    if (start >= lineEnd) continue;
    const first = text[start] ?? "";
    if (first === "#" || first === ";") {
      pending.push({ start, end: trimBreak(text, lineEnd), isWholeLine: true });
      continue;
    }
    if (first === "[") {
      const close = text.lastIndexOf("]", lineEnd - 1);
      if (close <= start) throw fault(start, "a section's `[` is not closed");
      const name = text.slice(start + 1, close);
      if (name === "") throw fault(start, "a section has no name");
      const mark = firstMark(text, close + 1, lineEnd);
      if (mark !== undefined) pending.push({ start: mark, end: trimBreak(text, lineEnd), isWholeLine: false });
      closeSection();
      current = openSection(name, start, lineEnd, takeComment());
      counter = 1;
      continue;
    }
    const key = readKey(text, start, lineEnd);
    if (typeof key === "string") throw fault(start, key);
    const name = key.name === "-" ? `#${counter++}` : key.name;
    if (name === "") throw fault(start, "a key has no name");
    if (current.keys.has(name)) throw fault(start, `the key ${quote(name)} is here twice`);
    current.keys.add(name);
    const value = readValue(text, key.end, lineEnd, nextLine);
    if (value === undefined) throw fault(start, "a quote of a value is not closed");
    if (value.comment !== undefined) pending.push({ ...value.comment, isWholeLine: false });
    at = value.next;
    current.end = at;
    const place: IniLine = { start: lineStart, valueStart: value.start, valueEnd: value.end, end: at };
    const scalar: ScalarNode = { kind: "scalar", scalar: { type: "str", value: value.text }, line: lineOf(start) };
    lines.set(scalar, place);
    current.items.push({ kind: "entry", key: name, value: scalar, line: scalar.line });
    if (current.name === metadataKey) metadataFields.push({ ...place, name, value: value.text });
    const comment = takeComment();
    if (comment !== undefined) current.items.push(comment);
  }
  closeSection();
  return { text, root: { kind: "map", items: rootItems, line: 1 }, sections, lines, comments, metadata };
}

function trimBreak(text: string, lineEnd: number): number {
  if (text[lineEnd - 1] !== "\n") return lineEnd;
  return text[lineEnd - 2] === "\r" ? lineEnd - 2 : lineEnd - 1;
}

function firstMark(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at += 1) if (text[at] === "#" || text[at] === ";") return at;
  return undefined;
}

function delimiterAfter(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at += 1) if (text[at] === "=" || text[at] === ":") return at;
  return undefined;
}

/** @returns what is wrong, or the name and where the text after `=` or `:` begins */
function readKey(
  text: string,
  start: number,
  lineEnd: number,
): string | { readonly name: string; readonly end: number } {
  const line = text.slice(start, lineEnd);
  const mark = line.startsWith('"""') && line.length > 6 ? '"""' : /^["`]/.exec(line)?.[0];
  const missing = "expected `key = value`, `[section]`, or `#` or `;` before a comment";
  if (mark === undefined) {
    const end = delimiterAfter(text, start, lineEnd);
    if (end === undefined) return missing;
    return { name: text.slice(start, trimEnd(text, start, end)), end: end + 1 };
  }
  const close = line.indexOf(mark, mark.length);
  if (close === -1) return "a quote of a key is not closed";
  const end = delimiterAfter(text, start + close + mark.length, lineEnd);
  if (end === undefined) return missing;
  const inner = line.slice(mark.length, close);
  const from = leading.exec(inner)?.[0].length ?? 0;
  return { name: inner.slice(from, trimEnd(inner, from, inner.length)), end: end + 1 };
}

interface Value {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly comment?: { readonly start: number; readonly end: number };
}

function readValue(text: string, from: number, lineEnd: number, nextLine: (from: number) => number): Value | undefined {
  const start = from + (leading.exec(text.slice(from, lineEnd))?.[0].length ?? 0);
  if (start >= lineEnd) {
    const end = trimBreak(text, lineEnd);
    return { text: "", start: Math.min(from, end), end, next: lineEnd };
  }
  const line = text.slice(start, lineEnd);
  const mark = line.startsWith('"""') && line.length > 3 ? '"""' : line.startsWith("`") ? "`" : undefined;
  if (mark !== undefined) return readMarked(text, start, lineEnd, mark, nextLine);
  const end = trimEnd(text, start, lineEnd);
  if (text[end - 1] === "\\") return readContinued(text, start, end, lineEnd, nextLine);
  const comment = firstMark(text, start, end);
  const valueEnd = comment === undefined ? end : trimEnd(text, start, comment);
  const value = withoutQuotes(text.slice(start, valueEnd));
  const base = { text: value, start, end: valueEnd, next: lineEnd };
  return comment === undefined ? base : { ...base, comment: { start: comment, end } };
}

function withoutQuotes(value: string): string {
  const first = value[0];
  if (value.length < 2 || (first !== '"' && first !== "'") || !value.endsWith(first)) return value;
  return value.indexOf(first, 1) === value.length - 1 ? value.slice(1, -1) : value;
}

function readMarked(
  text: string,
  start: number,
  lineEnd: number,
  mark: string,
  nextLine: (from: number) => number,
): Value | undefined {
  const inner = start + mark.length;
  const close = text.lastIndexOf(mark, lineEnd - 1);
  if (close >= inner) {
    // What follows the last mark on the line of the first is dropped, comment or not, as the original does.
    return { text: text.slice(inner, close), start, end: close + mark.length, next: lineEnd };
  }
  for (let from = lineEnd; from < text.length; from = nextLine(from)) {
    const end = nextLine(from);
    const found = text.lastIndexOf(mark, end - 1);
    const rest = found < from ? "" : text.slice(found + mark.length, end);
    if (found < from || rest.slice(0, trimEnd(rest, 0, rest.length)).endsWith("\\")) continue;
    const comment = firstMark(text, found, end);
    const value = { text: text.slice(inner, found), start, end: found + mark.length, next: end };
    return comment === undefined ? value : { ...value, comment: { start: comment, end: trimEnd(text, comment, end) } };
  }
  return undefined;
}

/** `\` at the end of a line joins the next one, without the blanks around it. */
function readContinued(
  text: string,
  start: number,
  firstEnd: number,
  lineEnd: number,
  nextLine: (from: number) => number,
): Value {
  let value = text.slice(start, firstEnd - 1);
  let end = firstEnd;
  let next = lineEnd;
  while (next < text.length) {
    const after = nextLine(next);
    const from = next + (leading.exec(text.slice(next, after))?.[0].length ?? 0);
    const to = trimEnd(text, Math.min(from, after), after);
    next = after;
    if (from >= to) break;
    value += text.slice(from, to);
    end = to;
    if (!value.endsWith("\\")) break;
    value = value.slice(0, -1);
  }
  return { text: value, start, end, next };
}
