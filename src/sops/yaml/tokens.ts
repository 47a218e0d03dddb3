import type { CST } from "yaml";
import { maximumDepth } from "../tree.js";
import { tooDeep } from "./parts.js";

/** What the parts of a YAML text are called in YAML 1.1 (libyaml); `*-start` and `block-end` have no text of their own. */
export type TokenType =
  | "stream-start"
  | "stream-end"
  | "directive"
  | "document-start"
  | "document-end"
  | "map-start"
  | "list-start"
  | "block-end"
  | "entry"
  | "key"
  | "value"
  | "flow-map-start"
  | "flow-map-end"
  | "flow-list-start"
  | "flow-list-end"
  | "comma"
  | "anchor"
  | "tag"
  | "alias"
  | "scalar";

export interface YamlToken {
  readonly type: TokenType;
  /** Of a `block-end`, set when the comments around it are known. */
  start: number;
  readonly end: number;
  /** False for what is only implied by indentation or by a `:` that follows. */
  readonly isWritten: boolean;
  readonly scalar?: CST.FlowScalar | CST.BlockScalar;
}

/**
 * Puts the parts of a YAML text in a row, in the order and with the names of the scanner that SOPS reads with (go-yaml,
 * after libyaml): its rules for comments are written in these terms.
 *
 * @throws YamlFault when it is too deep
 */
export function tokenize(parts: readonly CST.Token[], length: number): readonly YamlToken[] {
  const tokens: YamlToken[] = [{ type: "stream-start", start: 0, end: 0, isWritten: true }];

  const implied = (type: TokenType, start: number): void => {
    tokens.push({ type, start, end: start, isWritten: false });
  };
  const written = (type: TokenType, token: { readonly offset: number; readonly source: string }): void => {
    tokens.push({ type, start: token.offset, end: token.offset + token.source.length, isWritten: true });
  };
  const sources = (list: readonly CST.SourceToken[] | undefined): void => {
    for (const token of list ?? []) {
      const type = sourceTypes[token.type];
      if (type !== undefined) written(type, token);
    }
  };

  const visit = (token: CST.Token | null | undefined, depth: number): void => {
    if (token === null || token === undefined) return;
    if (depth > maximumDepth) throw tooDeep(token.offset);
    if (token.type === "alias") return written("alias", token);
    if (token.type === "block-scalar") return blockScalar(token);
    if (token.type === "block-map") return blockMap(token, depth);
    if (token.type === "block-seq") return blockList(token, depth);
    if (token.type === "flow-collection") return flow(token, depth);
    if (!isFlowScalar(token) || (token.source === "" && token.type === "scalar")) return;
    tokens.push({ ...span(token.offset, token.source), type: "scalar", isWritten: true, scalar: token });
  };

  const blockScalar = (token: CST.BlockScalar): void => {
    const header = token.props.find((part) => part.type === "block-scalar-header");
    const start = header?.offset ?? token.offset;
    const last = token.props.at(-1);
    const bodyStart = last !== undefined && "source" in last ? last.offset + last.source.length : token.offset;
    tokens.push({ type: "scalar", start, end: bodyStart + token.source.length, isWritten: true, scalar: token });
  };

  const blockMap = (map: CST.BlockMap, depth: number): void => {
    const first = map.items.map(firstOffset).find((offset) => offset !== undefined) ?? map.offset;
    implied("map-start", first);
    for (const item of map.items) entry(item, depth + 1);
    implied("block-end", -1);
  };

  /** One `key: value` of a block or of brackets. */
  const entry = (item: CST.CollectionItem, depth: number): void => {
    const isExplicit = item.start.some(({ type }) => type === "explicit-key-ind");
    const isPair = item.sep?.some(({ type }) => type === "map-value-ind") === true;
    const separators = item.start.filter(({ type }) => type === "comma");
    sources(separators);
    if (isPair && !isExplicit) implied("key", firstOffset(item) ?? item.sep?.[0]?.offset ?? 0);
    sources(item.start.filter(({ type }) => type !== "comma"));
    visit(item.key, depth);
    sources(item.sep);
    visit(item.value, depth);
  };

  const blockList = (list: CST.BlockSequence, depth: number): void => {
    const dash = list.items[0]?.start.find(({ type }) => type === "seq-item-ind")?.offset ?? list.offset;
    // A list at the column of its key is none of its own in libyaml; for the comments it makes no difference.
    implied("list-start", dash);
    for (const item of list.items) {
      sources(item.start);
      visit(item.value, depth + 1);
    }
    implied("block-end", -1);
  };

  const flow = (collection: CST.FlowCollection, depth: number): void => {
    written(collection.start.type === "flow-map-start" ? "flow-map-start" : "flow-list-start", collection.start);
    for (const item of collection.items) entry(item, depth + 1);
    sources(collection.end);
  };

  for (const part of parts) {
    if (part.type === "directive") written("directive", part);
    else if (part.type === "doc-end") written("document-end", { offset: part.offset, source: "..." });
    else if (part.type === "document") {
      sources(part.start);
      visit(part.value, 0);
    }
  }
  tokens.push({ type: "stream-end", start: length, end: length, isWritten: true });
  return tokens;
}

const sourceTypes: Readonly<Partial<Record<CST.SourceToken["type"], TokenType>>> = {
  "doc-start": "document-start",
  anchor: "anchor",
  tag: "tag",
  "seq-item-ind": "entry",
  "explicit-key-ind": "key",
  "map-value-ind": "value",
  comma: "comma",
  "flow-map-end": "flow-map-end",
  "flow-seq-end": "flow-list-end",
};

function isFlowScalar(token: CST.Token): token is CST.FlowScalar {
  return ["scalar", "single-quoted-scalar", "double-quoted-scalar"].includes(token.type);
}

function span(start: number, source: string): { readonly start: number; readonly end: number } {
  return { start, end: start + source.length };
}

/** Where the key of an item begins, its anchor, tag or `?` included; `undefined` for an item of comments only. */
function firstOffset(item: CST.CollectionItem): number | undefined {
  const property = item.start.find(
    ({ type }) => type === "anchor" || type === "tag" || type === "explicit-key-ind",
  )?.offset;
  if (property !== undefined) return property;
  if (item.key !== null && item.key !== undefined) return item.key.offset;
  return item.sep?.find(({ type }) => type === "map-value-ind")?.offset;
}
