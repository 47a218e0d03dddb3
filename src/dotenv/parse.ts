import { isUtf8 } from "node:buffer";
import { isJson } from "../domain/json.js";
import { InvalidInputError, quote } from "../errors.js";

/** One assignment of an env file. */
export interface DotenvEntry {
  readonly key: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** An unquoted value with a `#` in a word, which some other readers take for a comment. */
  readonly hashInside: boolean;
}

/** The rest of the file while it is read; `line` counts from 1. */
interface Cursor {
  readonly text: string;
  position: number;
  line: number;
}

const names = { "'": "single quote", '"': "double quote", "`": "backtick" } as const;
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', $: "$" };

/**
 * Reads an env file (docs/env-and-dotenv.md): the dialect of the `dotenv` package and of `node:util` parseEnv, without
 * their guesses. What those read differently, or would cut off silently, is an error that names the line. `${NAME}` is
 * left as it is.
 *
 * @param file - for messages
 * @throws InvalidInputError with file and line, never with a value
 */
export function parseDotenv(bytes: Uint8Array, file: string): readonly DotenvEntry[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  if (!isUtf8(bytes)) throw fault(file, lineOfFirstFault(text), "expected UTF-8 text");
  const cursor: Cursor = { text: text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"), position: 0, line: 1 };
  const entries = new Map<string, DotenvEntry>();
  while (cursor.position < cursor.text.length) {
    const entry = readLine(cursor, file);
    if (entry === undefined) continue;
    const earlier = entries.get(entry.key);
    if (earlier !== undefined) {
      throw fault(
        file,
        entry.line,
        `${quote(entry.key)} is there already, on line ${earlier.line}`,
        "keep one of them",
      );
    }
    entries.set(entry.key, entry);
  }
  return [...entries.values()];
}

/** Reads one line, or several when a quoted value goes on. @returns `undefined` for a blank or comment line */
function readLine(cursor: Cursor, file: string): DotenvEntry | undefined {
  const { line } = cursor;
  take(cursor, /[ \t]*/y);
  if (take(cursor, /(?:#[^\n]*)?(?:\n|$)/y) !== undefined) {
    cursor.line++;
    return undefined;
  }
  take(cursor, /export[ \t]+(?=[\w.-]+[ \t]*=)/y);
  const key = take(cursor, /[^=\n]*/y)?.trimEnd() ?? "";
  if (take(cursor, /=/y) === undefined) throw fault(file, line, "expected `NAME=value`, found no `=`");
  if (!/^[\w.-]+$/.test(key)) {
    throw fault(file, line, "expected a name of letters, digits, `_`, `.` and `-` before `=`");
  }
  const gap = take(cursor, /[ \t]*/y) ?? "";
  const opening = cursor.text[cursor.position];
  if (opening === "'" || opening === '"' || opening === "`") {
    return { key, value: readQuoted(cursor, opening, file), line, hashInside: false };
  }
  const rest = take(cursor, /[^\n]*/y) ?? "";
  take(cursor, /\n/y);
  cursor.line++;
  return { key, line, ...readUnquoted(gap + rest) };
}

/** A comment begins at a `#` after white space, except within JSON. */
function readUnquoted(rest: string): { readonly value: string; readonly hashInside: boolean } {
  const whole = rest.trim();
  const json = /^[{[]/.test(whole) && isJson(whole);
  const value = json ? whole : rest.slice(0, /[ \t]#/.exec(rest)?.index).trim();
  return { value, hashInside: value.includes("#") };
}

function readQuoted(cursor: Cursor, opening: keyof typeof names, file: string): string {
  const { line } = cursor;
  const quoted = take(
    cursor,
    opening === '"' ? /"[^"\\]*(?:\\[^][^"\\]*)*"/y : opening === "'" ? /'[^']*'/y : /`[^`]*`/y,
  );
  if (quoted === undefined) {
    throw fault(file, line, `the ${names[opening]} that opens here is never closed`);
  }
  cursor.line += quoted.split("\n").length - 1;
  if (take(cursor, /[ \t]*(?:#[^\n]*)?(?:\n|$)/y) === undefined) {
    throw fault(
      file,
      cursor.line,
      `expected nothing but a comment after the closing ${names[opening]}`,
      opening === '"' ? 'write a quote inside the value as `\\"`' : "use another kind of quote around the value",
    );
  }
  cursor.line++;
  const inner = quoted.slice(1, -1);
  if (opening !== '"') return inner;
  return inner.replace(/\\([^])/g, (all, character: string) => escapes[character] ?? all);
}

/** What a sticky pattern finds at the cursor, which moves behind it; `undefined` when it does not match there. */
function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.position;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.position += found?.length ?? 0;
  return found;
}

function lineOfFirstFault(text: string): number {
  return text.slice(0, text.indexOf("\uFFFD")).split(/\r\n?|\n/).length;
}

function fault(file: string, line: number, message: string, hint?: string): InvalidInputError {
  return new InvalidInputError(`${quote(file)} line ${line}: ${message}`, hint === undefined ? {} : { hint });
}
