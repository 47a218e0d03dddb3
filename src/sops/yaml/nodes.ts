import type { CommentLine, CommentRun } from "./comments.js";
import type { TokenType, YamlToken } from "./tokens.js";

type Lines = readonly CommentLine[];

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
  /** Where its last part ends; for a document of nothing, where it begins. */
  readonly end: number;
}

/** Thrown by {@link composeNodes} where go-yaml finds its grammar broken, for the caller to give a place to. */
export class GrammarFault extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super("unexpected token");
    this.offset = offset;
  }
}

const none: Lines = [];

/**
 * Makes nodes of tokens and hands out the comments on the way, with the rules of go-yaml v3 (parserc.go for when a
 * comment is taken, `parser.mapping` of decode.go for what moves it afterwards).
 *
 * @throws GrammarFault
 */
export function composeNodes(tokens: readonly YamlToken[], runs: readonly CommentRun[]): readonly YamlDocument[] {
  let at = 0;
  let nextRun = 0;
  let head: CommentLine[] = [];
  let line: CommentLine[] = [];
  let foot: CommentLine[] = [];
  let stem: Lines | undefined;

  const peek = (): YamlToken => {
    const token = tokens[at] ?? tokens.at(-1);
    if (token === undefined) throw new GrammarFault(0);
    for (let run = runs[nextRun]; run !== undefined && token.start >= run.tokenMark; run = runs[(nextRun += 1)]) {
      // A comment above what comes next does not go to the end of a block.
      if (run.kind === "head" && token.type === "block-end") break;
      const taken = run.kind === "head" ? head : run.kind === "foot" ? foot : line;
      for (const one of run.lines) taken.push(one);
    }
    return token;
  };
  const take = (): YamlToken => {
    const token = peek();
    at += 1;
    return token;
  };
  const isNext = (...types: readonly TokenType[]): boolean => types.includes(peek().type);
  const takeComments = (): { head: Lines; line: Lines; foot: Lines } => {
    const taken = { head, line, foot };
    head = [];
    line = [];
    foot = [];
    stem = undefined;
    return taken;
  };

  const make = (kind: YamlNode["kind"], start: number, more: Partial<YamlNode>): YamlNode => ({
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
  });
  const empty = (start: number, more: Partial<YamlNode> = {}): YamlNode => make("scalar", start, more);

  const node = (isBlock: boolean, mayBeIndentless: boolean): YamlNode => {
    if (isNext("alias")) {
      const comments = (peek(), takeComments());
      const token = take();
      return make("alias", token.start, { ...comments, token, end: token.end });
    }
    let anchor: YamlToken | undefined;
    let tag: YamlToken | undefined;
    while ((isNext("anchor") && anchor === undefined) || (isNext("tag") && tag === undefined)) {
      const token = take();
      if (token.type === "anchor") anchor = token;
      else tag = token;
    }
    const properties = { anchor, tag };
    const { type, start } = peek();
    if (mayBeIndentless && type === "entry") return indentlessList(properties);
    if (type === "scalar") {
      const comments = takeComments();
      const token = take();
      return make("scalar", start, { ...properties, ...comments, token, end: token.end });
    }
    if (type === "flow-list-start") return flowList(properties);
    if (type === "flow-map-start") return flowMap(properties);
    if (isBlock && (type === "list-start" || type === "map-start")) {
      const above = stem ?? none;
      stem = undefined;
      return type === "list-start" ? blockList(properties, above) : blockMap(properties, above);
    }
    const property = (tag?.start ?? -1) > (anchor?.start ?? -1) ? tag : anchor;
    if (property !== undefined) return empty(property.end, properties);
    throw new GrammarFault(start);
  };

  type Properties = Pick<YamlNode, "anchor" | "tag">;

  const finish = (made: YamlNode): YamlNode => {
    const last = made.content.at(-1);
    const indicator = made.indicators.at(-1);
    made.end = Math.max(last?.end ?? made.start, indicator?.end ?? 0);
    return made;
  };

  const listEntry = (list: YamlNode, isIndentless: boolean): void => {
    const above = head.length;
    const indicator = take();
    if (above > 0 && isNext("list-start", "map-start")) {
      stem = head.slice(0, above);
      head = head.slice(above);
    }
    const isEmpty = isNext("entry", "block-end") || (isIndentless && isNext("key", "value"));
    list.indicators.push(indicator);
    list.content.push(isEmpty ? empty(indicator.end) : node(true, false));
  };

  const blockList = (properties: Properties, above: Lines): YamlNode => {
    const list = make("list", take().start, { ...properties, head: above });
    while (isNext("entry")) listEntry(list, false);
    if (!isNext("block-end")) throw new GrammarFault(peek().start);
    take();
    return finish(list);
  };

  const indentlessList = (properties: Properties): YamlNode => {
    const list = make("list", peek().start, properties);
    while (isNext("entry")) listEntry(list, true);
    return finish(list);
  };

  const blockMap = (properties: Properties, above: Lines): YamlNode => {
    const map = make("map", take().start, { ...properties, head: above });
    while (!isNext("block-end")) {
      if (!isNext("key")) throw new GrammarFault(peek().start);
      const mark = take();
      const key = isNext("key", "value", "block-end") ? empty(mark.end) : node(true, true);
      if (key.foot.length > 0) {
        const before = map.content.at(-2);
        if (before !== undefined) {
          before.foot = key.foot;
          key.foot = none;
        }
      }
      const indicator = isNext("value") ? take() : undefined;
      const isEmpty = indicator === undefined || isNext("key", "value", "block-end");
      const value = isEmpty ? empty(indicator?.end ?? key.end) : node(true, true);
      if (key.foot.length === 0 && value.foot.length > 0) {
        key.foot = value.foot;
        value.foot = none;
      }
      map.content.push(key, value);
      map.indicators.push(indicator);
    }
    const comments = takeComments();
    take();
    map.line = comments.line;
    const lastKey = map.content.at(-2);
    if (lastKey === undefined || comments.foot.length === 0) map.foot = comments.foot;
    else lastKey.foot = comments.foot;
    return finish(map);
  };

  const flowList = (properties: Properties): YamlNode => {
    const comments = takeComments();
    const list = make("list", take().start, { ...properties, isFlow: true, head: comments.head });
    for (let isFirst = true; !isNext("flow-list-end"); isFirst = false) {
      if (!isFirst) expect("comma");
      if (isNext("flow-list-end")) break;
      list.indicators.push(undefined);
      list.content.push(isNext("key") ? pair() : node(false, false));
    }
    return close(list);
  };

  /** `[key: value]`: a map of one, without braces. */
  const pair = (): YamlNode => {
    const mark = take();
    const map = make("map", mark.start, { isFlow: true });
    const key = isNext("value", "comma", "flow-list-end") ? empty(mark.end) : node(false, false);
    const indicator = isNext("value") ? take() : undefined;
    const isEmpty = indicator === undefined || isNext("comma", "flow-list-end");
    map.content.push(key, isEmpty ? empty(indicator?.end ?? key.end) : node(false, false));
    map.indicators.push(indicator);
    return finish(map);
  };

  const flowMap = (properties: Properties): YamlNode => {
    const comments = takeComments();
    const map = make("map", take().start, { ...properties, isFlow: true, head: comments.head });
    for (let isFirst = true; !isNext("flow-map-end"); isFirst = false) {
      if (!isFirst) expect("comma");
      if (isNext("flow-map-end")) break;
      const isKey = isNext("key");
      if (isKey) take();
      const isNoKey = isKey && isNext("value", "comma", "flow-map-end");
      const key = isNoKey ? empty(peek().start) : node(false, false);
      const indicator = isKey && isNext("value") ? take() : undefined;
      const isEmpty = indicator === undefined || isNext("comma", "flow-map-end");
      const value = isEmpty ? empty(indicator?.end ?? key.end) : node(false, false);
      if (key.foot.length === 0 && value.foot.length > 0) {
        key.foot = value.foot;
        value.foot = none;
      }
      map.content.push(key, value);
      map.indicators.push(indicator);
    }
    return close(map);
  };

  const expect = (type: TokenType): void => {
    if (!isNext(type)) throw new GrammarFault(peek().start);
    take();
  };

  const close = (made: YamlNode): YamlNode => {
    const { end } = peek();
    const comments = takeComments();
    take();
    made.line = comments.line;
    made.foot = comments.foot;
    made.end = end;
    return made;
  };

  const document = (isFirst: boolean): YamlDocument => {
    let above: Lines = none;
    const isMarked = isNext("directive", "document-start");
    if (!isMarked && !isFirst) throw new GrammarFault(peek().start);
    let end = peek().start;
    if (isMarked) {
      while (isNext("directive")) take();
      if (!isNext("document-start")) throw new GrammarFault(peek().start);
      end = take().end;
    } else {
      const split = splitHead(head);
      above = split.above;
      head = [...split.rest];
    }
    const isEmpty = isNext("directive", "document-start", "document-end", "stream-end");
    const root = isEmpty ? empty(end) : node(true, false);
    peek();
    const isEnded = isNext("document-end");
    if (isEnded) take();
    // Comments are taken after the `...` has been passed.
    const comments = takeComments();
    return { root, head: above, foot: comments.foot.length > 0 ? comments.foot : comments.head, end: root.end };
  };

  const documents: YamlDocument[] = [];
  take();
  for (;;) {
    while (documents.length > 0 && isNext("document-end")) take();
    if (isNext("stream-end")) return documents;
    documents.push(document(documents.length === 0));
  }
}

/** What stands above the last empty line of the first comments belongs to the document, not to its first key. */
function splitHead(lines: Lines): { readonly above: Lines; readonly rest: Lines } {
  const empty = lines.lastIndexOf(undefined);
  if (empty <= 0) return { above: none, rest: lines };
  return { above: lines.slice(0, empty), rest: lines.slice(empty + 1) };
}
