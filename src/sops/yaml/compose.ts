import { syntaxMessage } from "../../domain/yaml-messages.js";
import type { CommentLine, CommentRun } from "./comments.js";
import { YamlFault } from "./fault.js";
import { finishNode, makeNode, none } from "./node.js";
import type { Lines, YamlDocument, YamlNode } from "./node.js";
import type { TokenType, YamlToken } from "./tokens.js";

/**
 * Makes nodes of tokens and hands out the comments on the way, with the rules of go-yaml v3 (parserc.go for when a
 * comment is taken, `parser.mapping` of decode.go for what moves it afterwards).
 *
 * @throws YamlFault where go-yaml finds its grammar broken
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
    if (token === undefined) throw broken(0);
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

  const node = (isBlock: boolean): YamlNode => {
    if (isNext("alias")) {
      const comments = (peek(), takeComments());
      const token = take();
      return makeNode("alias", token.start, { ...comments, token, end: token.end });
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
    if (type === "scalar") {
      const comments = takeComments();
      const token = take();
      return makeNode("scalar", start, { ...properties, ...comments, token, end: token.end });
    }
    if (type === "flow-list-start") return flowList(properties);
    if (type === "flow-map-start") return flowMap(properties);
    if (isBlock && (type === "list-start" || type === "map-start")) {
      const above = stem ?? none;
      stem = undefined;
      return type === "list-start" ? blockList(properties, above) : blockMap(properties, above);
    }
    const property = (tag?.start ?? -1) > (anchor?.start ?? -1) ? tag : anchor;
    if (property !== undefined) return makeNode("scalar", property.end, properties);
    throw broken(start);
  };

  type Properties = Pick<YamlNode, "anchor" | "tag">;

  const listEntry = (list: YamlNode): void => {
    const above = head.length;
    const indicator = take();
    if (above > 0 && isNext("list-start", "map-start")) {
      stem = head.slice(0, above);
      head = head.slice(above);
    }
    const isEmpty = isNext("entry", "block-end");
    list.indicators.push(indicator);
    list.content.push(isEmpty ? makeNode("scalar", indicator.end) : node(true));
  };

  const blockList = (properties: Properties, above: Lines): YamlNode => {
    const list = makeNode("list", take().start, { ...properties, head: above });
    while (isNext("entry")) listEntry(list);
    if (!isNext("block-end")) throw broken(peek().start);
    take();
    return finishNode(list);
  };

  const blockMap = (properties: Properties, above: Lines): YamlNode => {
    const map = makeNode("map", take().start, { ...properties, head: above });
    while (!isNext("block-end")) {
      if (!isNext("key")) throw broken(peek().start);
      const mark = take();
      const key = isNext("key", "value", "block-end") ? makeNode("scalar", mark.end) : node(true);
      if (key.foot.length > 0) {
        const before = map.content.at(-2);
        if (before !== undefined) {
          before.foot = key.foot;
          key.foot = none;
        }
      }
      const indicator = isNext("value") ? take() : undefined;
      const isEmpty = indicator === undefined || isNext("key", "value", "block-end");
      const value = isEmpty ? makeNode("scalar", indicator?.end ?? key.end) : node(true);
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
    return finishNode(map);
  };

  const flowList = (properties: Properties): YamlNode => {
    const comments = takeComments();
    const list = makeNode("list", take().start, { ...properties, isFlow: true, head: comments.head });
    for (let isFirst = true; !isNext("flow-list-end"); isFirst = false) {
      if (!isFirst) expect("comma");
      if (isNext("flow-list-end")) break;
      list.indicators.push(undefined);
      list.content.push(isNext("key") ? pair() : node(false));
    }
    return close(list);
  };

  /** `[key: value]`: a map of one, without braces. */
  const pair = (): YamlNode => {
    const mark = take();
    const map = makeNode("map", mark.start, { isFlow: true });
    const key = isNext("value", "comma", "flow-list-end") ? makeNode("scalar", mark.end) : node(false);
    const indicator = isNext("value") ? take() : undefined;
    const isEmpty = indicator === undefined || isNext("comma", "flow-list-end");
    map.content.push(key, isEmpty ? makeNode("scalar", indicator?.end ?? key.end) : node(false));
    map.indicators.push(indicator);
    return finishNode(map);
  };

  const flowMap = (properties: Properties): YamlNode => {
    const comments = takeComments();
    const map = makeNode("map", take().start, { ...properties, isFlow: true, head: comments.head });
    for (let isFirst = true; !isNext("flow-map-end"); isFirst = false) {
      if (!isFirst) expect("comma");
      if (isNext("flow-map-end")) break;
      const isKey = isNext("key");
      if (isKey) take();
      const isNoKey = isKey && isNext("value", "comma", "flow-map-end");
      const key = isNoKey ? makeNode("scalar", peek().start) : node(false);
      const indicator = isKey && isNext("value") ? take() : undefined;
      const isEmpty = indicator === undefined || isNext("comma", "flow-map-end");
      const value = isEmpty ? makeNode("scalar", indicator?.end ?? key.end) : node(false);
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
    if (!isNext(type)) throw broken(peek().start);
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
    if (!isMarked && !isFirst) throw broken(peek().start);
    let end = peek().start;
    if (isMarked) {
      while (isNext("directive")) take();
      if (!isNext("document-start")) throw broken(peek().start);
      end = take().end;
    } else {
      const split = splitHead(head);
      above = split.above;
      head = [...split.rest];
    }
    const isEmpty = isNext("directive", "document-start", "document-end", "stream-end");
    const root = isEmpty ? makeNode("scalar", end) : node(true);
    const next = peek().start;
    const isEnded = isNext("document-end");
    if (isEnded) take();
    // Comments are taken after the `...` has been passed.
    const comments = takeComments();
    return { root, head: above, foot: comments.foot.length > 0 ? comments.foot : comments.head, next };
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

function broken(offset: number): YamlFault {
  return new YamlFault(offset, syntaxMessage("UNEXPECTED_TOKEN"));
}
