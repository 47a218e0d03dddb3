import type { DataPath } from "./template.js";

/** A string of a JSON text and where its source stands, quotes included. */
export interface JsonString {
  readonly start: number;
  readonly end: number;
  readonly isKey: boolean;
  /** Of a key, the path of its value. */
  readonly path: () => DataPath;
  readonly value: () => string;
}

/** What is wrong with a JSON text, and at which offset. */
export interface JsonFault {
  readonly message: string;
  readonly at: number;
}

interface Level {
  readonly close: "}" | "]";
  key: string | number;
}

const maximumDepth = 200;
const space = /[ \t\r\n]*/y;
const atom = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Walks over a JSON text (RFC 8259) and gives every string in it. Numbers are not read, so that none loses a digit; keys
 * may be there twice. A byte order mark is passed over.
 *
 * @param take - called for every key and every string value, in order; `path` and `value` hold during the call
 * @returns what is wrong with the text, or `undefined`
 */
export function walkJson(text: string, take: (found: JsonString) => void): JsonFault | undefined {
  const levels: Level[] = [];
  const path = (): DataPath => levels.map(({ key }) => key);
  let at = text.startsWith("\uFEFF") ? 1 : 0;
  const expected = (what: string): JsonFault => ({ message: `not valid JSON: expected ${what}`, at });
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const next = (): string | undefined => {
    skip(space);
    return text[at];
  };
  const string = (isKey: boolean): boolean => {
    const start = at;
    const end = endOfString(text, start);
    if (end === undefined) return false;
    const value = (): string => decode(text.slice(start, end));
    at = end;
    const level = levels.at(-1);
    if (isKey && level !== undefined) level.key = value();
    take({ start, end, isKey, path, value });
    return true;
  };
  for (;;) {
    const level = levels.at(-1);
    if (level?.close === "}") {
      if (next() !== '"' || !string(true)) return expected("a key in double quotes");
      if (next() !== ":") return expected("`:`");
      at++;
    }
    const first = next();
    if (first === "{" || first === "[") {
      if (levels.length === maximumDepth) return { message: "the data is nested too deeply", at };
      at++;
      levels.push(first === "{" ? { close: "}", key: "" } : { close: "]", key: 0 });
      if (next() !== levels.at(-1)?.close) continue;
      at++;
      levels.pop();
    } else if (first === '"' ? !string(false) : !skip(atom)) {
      return expected(first === '"' ? "a string that ends on its line, with known escapes" : "a value");
    }
    for (;;) {
      const outer = levels.at(-1);
      const sign = next();
      if (outer === undefined) return sign === undefined ? undefined : expected("nothing after the value");
      if (sign !== "," && sign !== outer.close) return expected(`\`,\` or \`${outer.close}\``);
      at++;
      if (sign === ",") {
        if (typeof outer.key === "number") outer.key++;
        break;
      }
      levels.pop();
    }
  }
}

/** The offset behind the closing quote, or `undefined` when it is no string of JSON. */
function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length;) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    if (unit < 0x20) return undefined;
    if (unit !== 0x5c) {
      at++;
      continue;
    }
    escape.lastIndex = at;
    if (!escape.test(text)) return undefined;
    at = escape.lastIndex;
  }
  return undefined;
}

function decode(source: string): string {
  const value: unknown = JSON.parse(source);
  return typeof value === "string" ? value : "";
}
