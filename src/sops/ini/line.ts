/** What Go's `unicode.IsSpace` calls space. */
const space = "\\t\\n\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000";
export const leading = new RegExp(`^[${space}]*`);
const isSpace = new RegExp(`[${space}]`);

/** Where a part of a text ends without the space at its end. */
export function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace.test(text[at - 1] ?? "")) at -= 1;
  return at;
}

/** Where a line ends without its break. */
export function trimBreak(text: string, lineEnd: number): number {
  if (text[lineEnd - 1] !== "\n") return lineEnd;
  return text[lineEnd - 2] === "\r" ? lineEnd - 2 : lineEnd - 1;
}

/** The first `#` or `;`, or `undefined`. */
export function firstMark(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at += 1) if (text[at] === "#" || text[at] === ";") return at;
  return undefined;
}

function delimiterAfter(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at += 1) if (text[at] === "=" || text[at] === ":") return at;
  return undefined;
}

/**
 * The key of a line.
 *
 * @returns what is wrong, or the name and where the text after `=` or `:` begins
 */
export function readKey(
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

/** What follows `=` or `:`. `next` is where the next line begins. */
export interface IniValue {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly next: number;
  readonly comment?: { readonly start: number; readonly end: number };
}

/** @returns `undefined` when a quote is not closed */
export function readValue(
  text: string,
  from: number,
  lineEnd: number,
  nextLine: (from: number) => number,
): IniValue | undefined {
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
): IniValue | undefined {
  const inner = start + mark.length;
  const close = lastIn(text, mark, inner, lineEnd);
  if (close !== undefined) {
    // What follows the last mark on the line of the first is dropped, comment or not, as the original does.
    return { text: text.slice(inner, close), start, end: close + mark.length, next: lineEnd };
  }
  for (let from = lineEnd; from < text.length; from = nextLine(from)) {
    const end = nextLine(from);
    const found = lastIn(text, mark, from, end);
    if (found === undefined) continue;
    const rest = text.slice(found + mark.length, end);
    if (rest.slice(0, trimEnd(rest, 0, rest.length)).endsWith("\\")) continue;
    const comment = firstMark(text, found, end);
    const value = { text: text.slice(inner, found), start, end: found + mark.length, next: end };
    return comment === undefined ? value : { ...value, comment: { start: comment, end: trimEnd(text, comment, end) } };
  }
  return undefined;
}

/** Where a mark is for the last time in a part of a text. */
export function lastIn(text: string, mark: string, from: number, to: number): number | undefined {
  const found = text.slice(from, to).lastIndexOf(mark);
  return found === -1 ? undefined : from + found;
}

/** `\` at the end of a line joins the next one, without the blanks around it. */
function readContinued(
  text: string,
  start: number,
  firstEnd: number,
  lineEnd: number,
  nextLine: (from: number) => number,
): IniValue {
  const parts = [text.slice(start, firstEnd - 1)];
  let end = firstEnd;
  let next = lineEnd;
  while (next < text.length) {
    const after = nextLine(next);
    const from = next + (leading.exec(text.slice(next, after))?.[0].length ?? 0);
    const to = trimEnd(text, Math.min(from, after), after);
    next = after;
    if (from >= to) break;
    const isLast = text[to - 1] !== "\\";
    parts.push(text.slice(from, isLast ? to : to - 1));
    end = to;
    if (isLast) break;
  }
  return { text: parts.join(""), start, end, next };
}
