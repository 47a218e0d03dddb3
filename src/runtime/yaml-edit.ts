import type * as Yaml from "yaml";
import type { Pair, YAMLMap } from "yaml";
import { yamlFlowMap, yamlInline, yamlLines } from "./yaml-scalar.js";
import type { Writable } from "./yaml-scalar.js";

type Fields = Readonly<Record<string, Writable>>;

/** One change of a text: the characters from `start` up to `end` become `text`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with one of its top mappings, ready to be changed by splicing; every other byte stays as it is. */
export interface SectionEditor {
  /** The text with an entry added at the end of the section, in the style of its neighbours. */
  readonly add: (name: string, fields: Fields) => string;
  /** The text with the value of an entry replaced. */
  readonly replace: (name: string, fields: Fields) => string;
  /** The text without an entry and the comment lines directly above it. */
  readonly remove: (name: string) => string;
  /** The text with the key of an entry replaced; comments and place stay. */
  readonly rename: (from: string, to: string) => string;
  /** The text with one field added to an entry. */
  readonly addField: (name: string, field: string, value: Writable) => string;
  /** The text with the value of a field of an entry replaced. */
  readonly setField: (name: string, field: string, value: Writable) => string;
  readonly has: (name: string) => boolean;
  readonly hasField: (name: string, field: string) => boolean;
}

/** Opens a section (`refs`, `keyholders`) of a YAML text; one that is missing is made by `add`. */
export async function openSection(text: string, section: string): Promise<SectionEditor> {
  const yaml = await import("yaml");
  const document = yaml.parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "error" });
  const root = yaml.isMap(document.contents) ? document.contents : undefined;
  const at = pairOf(yaml, root, section);
  const map = yaml.isMap(at?.value) ? at.value : undefined;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const style: Style = { yaml, text, eol };
  const entry = (name: string): Pair => {
    const pair = pairOf(yaml, map, name);
    if (pair === undefined) throw new RangeError(`no entry ${name} in ${section}`);
    return pair;
  };
  const entryMap = (name: string): YAMLMap | undefined => {
    const { value } = entry(name);
    return yaml.isMap(value) ? value : undefined;
  };
  return {
    add: (name, fields) => splice(text, addEntry(style, { section, root, at, map }, name, fields)),
    replace: (name, fields) => splice(text, replaceValue(style, entry(name), fields)),
    remove: (name) => splice(text, ...removeEntry(style, at, map, entry(name))),
    rename: (from, to) => {
      const { start, end } = span(style, entry(from).key);
      return splice(text, { start, end, text: yamlInline(to) });
    },
    addField: (name, field, value) => {
      const inner = entryMap(name);
      if (inner === undefined) throw new RangeError(`${name} is no mapping`);
      return splice(
        text,
        insertInto(style, inner, () => `${field}: ${yamlInline(value)}`),
      );
    },
    setField: (name, field, value) => {
      const pair = pairOf(yaml, entryMap(name), field);
      if (pair === undefined) throw new RangeError(`${name} has no ${field}`);
      return splice(text, { ...span(style, pair.value), text: yamlInline(value) });
    },
    has: (name) => pairOf(yaml, map, name) !== undefined,
    hasField: (name, field) => pairOf(yaml, entryMap(name), field) !== undefined,
  };
}

interface Style {
  readonly yaml: typeof Yaml;
  readonly text: string;
  readonly eol: string;
}

interface Section {
  readonly section: string;
  readonly root: YAMLMap | undefined;
  readonly at: Pair | undefined;
  readonly map: YAMLMap | undefined;
}

function addEntry(style: Style, { section, root, at, map }: Section, name: string, fields: Fields): Splice {
  const { text, eol, yaml } = style;
  const block = (indent: string, step: string): string =>
    [`${indent}${name}:`, ...yamlLines(fields).map((line) => `${indent}${step}${line}`)].join(eol);
  if (map !== undefined && map.items.length > 0) {
    const last = map.items.at(-1)?.value;
    const isInline = map.flow === true || (yaml.isMap(last) && last.flow === true);
    return insertInto(style, map, (indent) =>
      isInline ? `${name}: ${yamlFlowMap(fields)}` : block(indent, "  ").slice(indent.length),
    );
  }
  if (root?.flow === true) throw new RangeError("the whole configuration stands in braces");
  if (at === undefined) {
    const gap = text === "" || text.endsWith("\n") ? "" : eol;
    return { start: text.length, end: text.length, text: `${gap}${section}:${eol}${block("  ", "  ")}${eol}` };
  }
  // `refs: {}  # remark` becomes `refs:  # remark` with the entry on the next line.
  const colon = text.indexOf(":", span(style, at.key).end) + 1;
  // A value that is not written has its place after the comment, or on another line.
  const isWritten = text.slice(span(style, at.value).start, span(style, at.value).end) !== "";
  const empty = isWritten ? span(style, at.value) : { start: colon, end: colon };
  const lineEnd = endOfLine(text, empty.end);
  const rest = text.slice(empty.end, lineEnd);
  const indent = `${indentAt(text, span(style, at.key).start)}  `;
  return { start: colon, end: lineEnd, text: `${rest.trimEnd()}${eol}${block(indent, "  ")}` };
}

/** A new last item of a mapping that has items. `write` gets the indentation for the item's further lines. */
function insertInto(style: Style, map: YAMLMap, write: (indent: string) => string): Splice {
  const { text, eol } = style;
  const last = map.items.at(-1);
  if (last === undefined) {
    const { start } = span(style, map);
    return { start: start + 1, end: start + 1, text: ` ${write("")} ` };
  }
  const end = endOfPair(style, last);
  if (map.flow === true) return { start: end, end, text: `, ${write("")}` };
  const indent = " ".repeat(columnOf(text, span(style, last.key).start));
  const lineEnd = text[end - 1] === "\n" ? end - (text[end - 2] === "\r" ? 2 : 1) : endOfLine(text, end);
  return { start: lineEnd, end: lineEnd, text: `${eol}${indent}${write(indent)}` };
}

function replaceValue(style: Style, pair: Pair, fields: Fields): Splice {
  const { yaml, text, eol } = style;
  const { start } = span(style, pair.value);
  if (!yaml.isMap(pair.value) || pair.value.flow === true) {
    const { end } = span(style, pair.value);
    return { start, end, text: `${start === end ? " " : ""}${yamlFlowMap(fields)}` };
  }
  const indent = " ".repeat(columnOf(text, start));
  return { start, end: endOfPair(style, pair), text: yamlLines(fields).join(`${eol}${indent}`) };
}

function removeEntry(style: Style, at: Pair | undefined, map: YAMLMap | undefined, pair: Pair): readonly Splice[] {
  const { text } = style;
  const items = map?.items ?? [];
  const index = items.indexOf(pair);
  const start = span(style, pair.key).start;
  const end = endOfPair(style, pair);
  const next = items[index + 1];
  const previous = items[index - 1];
  if (map?.flow === true) {
    if (next !== undefined) return [{ start, end: span(style, next.key).start, text: "" }];
    return [{ start: previous === undefined ? start : endOfPair(style, previous), end, text: "" }];
  }
  const isFirstOfSeveral = previous === undefined && next !== undefined;
  const from = isFirstOfSeveral ? startOfLine(text, start) : startOfComments(text, start);
  const to = text[end - 1] === "\n" ? end : Math.min(text.length, endOfLine(text, end) + style.eol.length);
  const lines = { start: from, end: to, text: "" };
  if (items.length > 1 || at === undefined) return [lines];
  const colon = text.indexOf(":", span(style, at.key).end) + 1;
  return [{ start: colon, end: colon, text: " {}" }, lines];
}

function pairOf(yaml: typeof Yaml, map: YAMLMap | undefined, key: string): Pair | undefined {
  return map?.items.find((pair) => yaml.isScalar(pair.key) && pair.key.value === key);
}

/** Where a node's own text stands. */
function span({ yaml }: Style, node: unknown): { readonly start: number; readonly end: number } {
  const range = yaml.isNode(node) ? node.range : undefined;
  if (range === undefined || range === null)
    throw new RangeError("a part of the configuration has no place in its text");
  return { start: range[0], end: range[1] };
}

/** The end of the last thing in a pair, without what follows on its line. */
function endOfPair(style: Style, pair: Pair): number {
  const { yaml } = style;
  const { value } = pair;
  if (yaml.isMap(value) && value.flow !== true) {
    const last = value.items.at(-1);
    if (last !== undefined) return endOfPair(style, last);
  }
  if (yaml.isSeq(value) && value.flow !== true) {
    const last = value.items.at(-1);
    if (yaml.isMap(last) && last.flow !== true) {
      const inner = last.items.at(-1);
      if (inner !== undefined) return endOfPair(style, inner);
    }
    if (yaml.isScalar(last)) return span(style, last).end;
  }
  return span(style, value).end;
}

function splice(text: string, ...changes: readonly Splice[]): string {
  const ordered = changes.toSorted((one, other) => other.start - one.start);
  return ordered.reduce(
    (result, change) => result.slice(0, change.start) + change.text + result.slice(change.end),
    text,
  );
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** The end of a line, before its line break. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function columnOf(text: string, offset: number): number {
  return offset - startOfLine(text, offset);
}

function indentAt(text: string, offset: number): string {
  return /^[ ]*/.exec(text.slice(startOfLine(text, offset), offset))?.[0] ?? "";
}

/** The start of the comment lines directly above a line and as far indented as it. */
function startOfComments(text: string, offset: number): number {
  let start = startOfLine(text, offset);
  const prefix = `${indentAt(text, offset)}#`;
  while (start > 0) {
    const above = startOfLine(text, start - 1);
    if (!text.slice(above, start).startsWith(prefix)) break;
    start = above;
  }
  return start;
}
