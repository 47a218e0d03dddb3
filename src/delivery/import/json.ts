import { isUtf8 } from "node:buffer";
import { InvalidInputError } from "../../errors.js";
import type { Problem } from "../../errors.js";
import { noObject, notText, notUnicode, twice } from "./values.js";
import type { ImportedValue, ImportFormat } from "./values.js";

/** One JSON object of strings (RFC 8259). Names that occur twice are found, which `JSON.parse` passes over. */
export const jsonImport: ImportFormat = {
  name: "json",
  files: /\.json$/i,
  read: async (bytes, file) => {
    if (!isUtf8(bytes)) throw new InvalidInputError(`${file}: expected UTF-8 text`);
    const text = Buffer.from(bytes)
      .toString("utf8")
      .replace(/^\uFEFF/, "");
    requireJson(text, file);
    const values: ImportedValue[] = [];
    const problems: Problem[] = [];
    const firsts = new Map<string, number>();
    for (const { written, token, line } of membersOf(text, file)) {
      const first = firsts.get(written);
      const kind = kindOf(token);
      firsts.set(written, first ?? line);
      if (first !== undefined) problems.push(twice(file, line, written, first));
      else if (kind !== "text") problems.push(notText(file, line, written, kind));
      else {
        const value = stringOf(token);
        if (value.isWellFormed()) values.push({ written, value, line });
        else problems.push(notUnicode(file, line, written));
      }
    }
    return { values, problems, remarks: [] };
  },
};

/** The message of `JSON.parse` quotes the text, which may be a value: only the place is taken from it. */
function requireJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (thrown) {
    const position = thrown instanceof Error ? /at position (\d+)/.exec(thrown.message)?.[1] : undefined;
    const place = position === undefined ? file : `${file}:${lineAt(text, Number(position))}`;
    throw new InvalidInputError(`${place}: expected JSON`);
  }
}

/** The members of the outermost object of a valid JSON text, each with the first token of its value. */
function* membersOf(text: string, file: string): Generator<{ written: string; token: string; line: number }> {
  const tokens = text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g);
  let depth = 0;
  let [line, counted] = [1, 0];
  let previous = "";
  let member: { readonly written: string; readonly line: number } | undefined;
  for (const { 0: token, index } of tokens) {
    line += text.slice(counted, index).split("\n").length - 1;
    counted = index;
    if (depth === 0 && previous === "" && token !== "{") throw noObject(file, line);
    if (depth === 1 && token.startsWith('"') && previous !== ":") member = { written: stringOf(token), line };
    else if (depth === 1 && previous === ":" && member !== undefined) yield { ...member, token };
    if (token === "{" || token === "[") depth++;
    if (token === "}" || token === "]") depth--;
    previous = token;
  }
}

function kindOf(token: string): "text" | "mapping" | "list" | "boolean" | "null" | "number" {
  if (token.startsWith('"')) return "text";
  if (token === "{") return "mapping";
  if (token === "[") return "list";
  if (token === "null") return "null";
  return token === "true" || token === "false" ? "boolean" : "number";
}

function stringOf(token: string): string {
  return String(JSON.parse(token));
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}
