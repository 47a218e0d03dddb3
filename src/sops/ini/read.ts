import { isUtf8 } from "node:buffer";
import { lineFinder, parseError } from "../parse-error.js";
import { maximumValues, metadataKey, tooManyValues } from "../tree.js";
import { firstMark, lastIn, leading, readKey, readValue, trimBreak, trimEnd } from "./line.js";
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
  let count = 0;
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
    if ((count += 1) > maximumValues) throw fault(start, tooManyValues);
    const first = text[start] ?? "";
    if (first === "#" || first === ";") {
      pending.push({ start, end: trimBreak(text, lineEnd), isWholeLine: true });
      continue;
    }
    if (first === "[") {
      const close = lastIn(text, "]", start, lineEnd);
      if (close === undefined) throw fault(start, "a section's `[` is not closed");
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
    if (current.keys.has(name)) throw fault(start, "a key is here twice");
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
