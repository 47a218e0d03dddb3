import type { YamlToken } from "./tokens.js";

/** A comment in the file, `#` included; `undefined` stands for an empty line between comments. */
export type CommentLine = { readonly start: number; readonly end: number } | undefined;

/** A run of comment lines and the place from which on it belongs to the token that is read next. */
export interface CommentRun {
  readonly kind: "head" | "line" | "foot";
  readonly lines: readonly CommentLine[];
  readonly tokenMark: number;
}

interface Mark {
  readonly index: number;
  readonly line: number;
  /** From 1 in comments above or below a line, as go-yaml counts there. */
  readonly column: number;
}

interface Scanned extends CommentRun {
  readonly startMark: Mark;
  readonly scanIndex: number;
  readonly endIndex: number;
}

/** How far ahead go-yaml looks for the next comment over blanks. */
const lookAhead = 512;

/**
 * Finds all comments and says which of them stand above, beside and below what, by the rules of go-yaml v3
 * (`yaml_parser_scan_comments` and `yaml_parser_unroll_indent` of scannerc.go): SOPS encrypts a comment under the path of
 * what it belongs to. Sets the `start` of every `block-end`.
 */
export function scanComments(
  text: string,
  tokens: readonly YamlToken[],
  lineOf: (offset: number) => number,
  columnOf: (offset: number) => number,
): readonly CommentRun[] {
  const runs: Scanned[] = [];
  const indents: number[] = [-1];
  const ends: YamlToken[] = [];
  const starts: number[] = [];
  let flowLevel = 0;
  let last: YamlToken | undefined;
  let beforeLast: YamlToken | undefined;
  /** Where the scanner stands: after the last token, and the breaks it has passed since. */
  let position = 0;
  let breaks = 0;
  const isBreakAt = (offset: number): boolean =>
    offset >= text.length || text[offset] === "\n" || text[offset] === "\r";
  const isBlankAt = (offset: number): boolean => text[offset] === " " || text[offset] === "\t";
  const lineEnd = (offset: number): number => {
    let end = offset;
    while (!isBreakAt(end)) end += 1;
    return end;
  };

  const indent = (): number => Math.max(indents.at(-1) ?? 0, 0);

  const skipBlanks = (): void => {
    for (; position < text.length; position += 1) {
      if (text[position] === "\n") breaks += 1;
      else if (!isBlankAt(position) && text[position] !== "\r" && text[position] !== "\uFEFF") return;
    }
  };

  const scanRun = (scanIndexAtStart: number): void => {
    const before = last?.type === "comma" ? beforeLast : last;
    let scanIndex = scanIndexAtStart;
    let tokenMark = before?.start ?? 0;
    let startMark: Mark = { index: 0, line: 0, column: 0 };
    let nextIndent = indent();
    let recentEmpty = false;
    let firstEmpty = breaks <= 1;
    let line = lineOf(position) - 1;
    let column = columnOf(position);
    let lines: CommentLine[] = [];
    let footLine = -1;
    if (lineOf(scanIndexAtStart) > 1) {
      footLine = line - breaks + 1;
      if (breaks === 0 && column > 1) footLine += 1;
    }
    const close = (peek: number): void => {
      const endIndex = position + peek;
      runs.push({ kind: "foot", lines, tokenMark, startMark, scanIndex, endIndex });
      scanIndex = endIndex;
      tokenMark = endIndex;
      lines = [];
    };

    let peek = 0;
    for (; peek < lookAhead; peek += 1) {
      const at = position + peek;
      column += 1;
      if (isBlankAt(at)) continue;
      const closesFlow = flowLevel > 0 && (text[at] === "]" || text[at] === "}");
      if (closesFlow || isBreakAt(at)) {
        if (closesFlow || !recentEmpty) {
          const isDedented = startMark.column - 1 < nextIndent;
          const isFoot = startMark.line === footLine && before?.type !== "value";
          if (closesFlow || (firstEmpty && (isFoot || isDedented))) {
            if (lines.length > 0) {
              if (isDedented) tokenMark = startMark.index;
              close(peek);
            }
          } else if (lines.length > 0 && at < text.length) {
            lines.push(undefined);
          }
        }
        if (at >= text.length || !isBreakAt(at)) break;
        firstEmpty = false;
        recentEmpty = true;
        column = 0;
        line += 1;
        continue;
      }
      if (lines.length > 0 && column - 1 < nextIndent && column !== startMark.column) close(peek);
      if (text[at] !== "#") break;
      if (lines.length === 0) startMark = { index: at, line, column };
      recentEmpty = false;
      const end = lineEnd(at);
      lines.push({ start: at, end });
      position = end;
      breaks = 0;
      line = lineOf(end) - 1;
      peek = 0;
      column = 0;
      nextIndent = indent();
    }
    if (lines.length > 0) {
      runs.push({
        kind: "head",
        lines,
        tokenMark: startMark.index,
        startMark,
        scanIndex,
        endIndex: position + peek - 1,
      });
    }
  };

  const scanLine = (tokenMark: number): void => {
    if (breaks > 0) return;
    let start = position;
    while (start - position < lookAhead && isBlankAt(start)) start += 1;
    if (text[start] !== "#") return;
    position = lineEnd(start);
    const startMark = { index: start, line: lineOf(start) - 1, column: columnOf(start) };
    runs.push({
      kind: "line",
      lines: [{ start, end: position }],
      tokenMark,
      startMark,
      scanIndex: 0,
      endIndex: 0,
    });
  };

  /** Puts the ends of blocks before comments that belong to what is around them. */
  const placeEnds = (scanIndex: number): void => {
    const column = columnOf(position);
    let isLate = false;
    let blockMark = scanIndex - 1;
    for (const end of ends.splice(0)) {
      const level = indents.pop() ?? -1;
      if (level <= column && !isLate) {
        isLate = true;
        blockMark = position - 1;
      }
      let stop = blockMark;
      for (let index = runs.length - 1; index >= 0; index -= 1) {
        const run = runs[index];
        if (run === undefined || run.endIndex < stop) break;
        if (run.startMark.column === level + 1) blockMark = run.startMark.index;
        stop = run.scanIndex;
      }
      end.start = blockMark;
    }
  };

  for (const token of tokens) {
    if (!token.isWritten) {
      if (token.type === "block-end") ends.push(token);
      else if (token.type !== "key") starts.push(token.start);
      continue;
    }
    const scanIndex = position;
    if (token.type !== "stream-start") {
      skipBlanks();
      while (position < token.start && text[position] === "#") {
        scanRun(scanIndex);
        skipBlanks();
      }
    }
    placeEnds(scanIndex);
    for (const start of starts.splice(0)) indents.push(columnOf(start));
    if (token.type === "flow-map-start" || token.type === "flow-list-start") flowLevel += 1;
    if (token.type === "flow-map-end" || token.type === "flow-list-end") flowLevel -= 1;
    const isAfter = (flowLevel === 0 && token.type === "value") || (flowLevel > 0 && token.type === "comma");
    const commentMark = isAfter ? (last?.start ?? token.start) : token.start;
    beforeLast = last;
    last = token;
    position = token.end;
    breaks = 0;
    if (token.scalar?.type === "block-scalar") headerComment(token);
    if (token.scalar?.type === "scalar" || token.scalar?.type === "block-scalar") {
      if (text[position - 1] === "\n") breaks += 1;
      skipBlanks();
    }
    const hasLine = !lineless.has(token.type);
    if (hasLine) scanLine(commentMark);
  }
  return runs;

  function headerComment(token: YamlToken): void {
    const end = lineEnd(token.start);
    const hash = text.indexOf("#", token.start);
    if (hash === -1 || hash >= end) return;
    runs.push({
      kind: "line",
      lines: [{ start: hash, end }],
      tokenMark: token.start,
      startMark: { index: hash, line: lineOf(hash) - 1, column: columnOf(hash) },
      scanIndex: 0,
      endIndex: 0,
    });
  }
}

/** After these go-yaml looks for no comment on the same line: it becomes one above what follows. */
const lineless: ReadonlySet<YamlToken["type"]> = new Set([
  "stream-start",
  "stream-end",
  "directive",
  "document-start",
  "document-end",
  "entry",
]);
