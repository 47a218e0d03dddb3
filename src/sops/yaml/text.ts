import type { YamlToken } from "./tokens.js";

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Where the line of an offset ends, before its break. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf("\n", offset);
  if (found === -1) return text.length;
  return text[found - 1] === "\r" ? found - 1 : found;
}

/** Where the line after an offset begins; an offset that is at the start of a line after a break stays. */
export function lineAfter(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}

/**
 * Where what a block scalar says ends: the break of its last line and empty lines after it are not part of it, unless
 * its header keeps them (`+`).
 */
export function contentEnd(text: string, token: YamlToken): number {
  const keepsBreaks = /^[|>][0-9]*\+/.test(text.slice(token.start, token.start + 3));
  let end = token.end;
  let lastBreak = end;
  // Back over breaks and the blanks of empty lines; blanks at the end of a line that says something are its own.
  for (let at = end - 1; at >= token.start && /[ \t\r\n]/.test(text[at] ?? ""); at -= 1) {
    if (text[at] !== "\n") continue;
    lastBreak = text[at - 1] === "\r" ? at - 1 : at;
    if (keepsBreaks && lastBreak < end) return lastBreak;
    end = lastBreak;
  }
  return lastBreak;
}
