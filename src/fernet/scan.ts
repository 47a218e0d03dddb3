import { isJson } from "../domain/json.js";

/** One member of an object: the name and the value as they stand in the text. */
export interface WrittenMember {
  readonly name: string;
  readonly value: string;
}

/**
 * Takes a JSON object (RFC 8259) apart without decoding it, so that numbers and nested values keep their spelling.
 *
 * @returns `undefined` when the text is no JSON object
 */
export function scanObject(text: string): readonly WrittenMember[] | undefined {
  if (!isJson(text)) return undefined;
  // From here on the text is known to be JSON, so that only its outline is to be found.
  let at = skipSpace(text, 0);
  if (text[at] !== "{") return undefined;
  at = skipSpace(text, at + 1);
  const members: WrittenMember[] = [];
  while (text[at] !== "}") {
    const nameEnd = endOfValue(text, at);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    members.push({ name: text.slice(at, nameEnd), value: text.slice(start, end) });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ;) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") {
      depth++;
      at++;
    } else if (character === "}" || character === "]") {
      depth--;
      at++;
    } else if (depth > 0) at++;
    else at = endOfWord(text, at);
    if (depth === 0) return at;
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
}

function endOfWord(text: string, start: number): number {
  let at = start;
  while (/[\w.+-]/.test(text[at] ?? "")) at++;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/[ \t\r\n]/.test(text[at] ?? "")) at++;
  return at;
}
