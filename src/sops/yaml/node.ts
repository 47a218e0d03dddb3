import type { CommentLine } from "./comments.js";
import type { YamlToken } from "./tokens.js";

export type Lines = readonly CommentLine[];

/** A node of a YAML document with its place in the text and the comments that go-yaml gives it. */
export interface YamlNode {
  readonly kind: "scalar" | "alias" | "map" | "list";
  /** Of the node itself, without anchor and tag; of a block, from its first to the end of its last part. */
  readonly start: number;
  end: number;
  readonly token: YamlToken | undefined;
  readonly anchor: YamlToken | undefined;
  readonly tag: YamlToken | undefined;
  readonly isFlow: boolean;
  head: Lines;
  line: Lines;
  foot: Lines;
  /** Of a map, keys and values in turn. */
  readonly content: YamlNode[];
  /** The `:` or `-` before each value, the `:` of a key without one missing. */
  readonly indicators: (YamlToken | undefined)[];
}

/** One document: `undefined` when it holds nothing. */
export interface YamlDocument {
  readonly root: YamlNode;
  readonly head: Lines;
  readonly foot: Lines;
  /** Where the marker of the next document or of its own end is, or the text ends. */
  readonly next: number;
}

export const none: Lines = [];

/** A node with nothing in it yet. */
export function makeNode(kind: YamlNode["kind"], start: number, more: Partial<YamlNode> = {}): YamlNode {
  return {
    kind,
    start,
    end: start,
    token: undefined,
    anchor: undefined,
    tag: undefined,
    isFlow: false,
    head: none,
    line: none,
    foot: none,
    content: [],
    indicators: [],
    ...more,
  };
}

/** Gives a map or list without a closing bracket the end of its last part. */
export function finishNode(node: YamlNode): YamlNode {
  node.end = Math.max(node.content.at(-1)?.end ?? node.start, node.indicators.at(-1)?.end ?? 0);
  return node;
}
