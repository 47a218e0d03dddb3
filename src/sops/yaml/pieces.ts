import { UnsupportedError } from "../../errors.js";
import type { SopsTree } from "../document.js";
import type { Leaves } from "../leaves.js";
import type { Splice } from "../splice.js";
import type { MapNode } from "../tree.js";
import type { YamlNode } from "./node.js";
import type { YamlText } from "./read.js";
import { contentEnd, lineEnd } from "./text.js";
import type { YamlTree } from "./tree.js";
import { writeEntry, writeFlow, writeKey } from "./write.js";

/** A file to edit. */
export interface YamlSource {
  readonly yaml: YamlText;
  readonly tree: YamlTree;
  readonly leaves: Leaves;
}

/** Stands for the root of a file without documents. */
export const emptyRoot: MapNode = { kind: "map", items: [], line: 1 };

export function unsupported(what: string): UnsupportedError {
  return new UnsupportedError(`${what} is shared with another place of its file by an alias`, {
    hint: "write the value out in each place, then set it",
  });
}

/** Puts `written` where a value stands, in whatever style; its anchor stays, its tag goes. */
export function valueSplices(text: string, node: YamlNode, isFlow: boolean, written: string): readonly Splice[] {
  const splices: Splice[] = [];
  const { token, tag } = node;
  if (tag !== undefined) {
    const blanks = /^[ \t]*/.exec(text.slice(tag.end, tag.end + 256))?.[0].length ?? 0;
    splices.push({ start: tag.start, end: token === undefined ? tag.end : tag.end + blanks, text: "" });
  }
  if (token === undefined) {
    const needsSpace = !isFlow || !/[ \t]/.test(text[node.start - 1] ?? "");
    splices.push({ start: node.start, end: node.start, text: needsSpace ? ` ${written}` : written });
  } else if (token.scalar?.type === "block-scalar") {
    const indicator = /^[|>][-+0-9]*/.exec(text.slice(token.start, token.start + 4))?.[0] ?? "";
    const headerEnd = Math.min(lineEnd(text, token.start), contentEnd(text, token));
    // A comment behind the indicator stays where it is.
    splices.push({ start: token.start, end: token.start + indicator.length, text: written });
    splices.push({ start: headerEnd, end: contentEnd(text, token), text: "" });
  } else {
    splices.push({ start: token.start, end: token.end, text: written });
  }
  return splices;
}

/** Lines at the start of a line, or after the end of a text whose last line is not ended. */
export function insertLines(text: string, at: number, lines: string): Splice {
  const isOpen = at > 0 && text[at - 1] !== "\n";
  return { start: at, end: at, text: isOpen ? `\n${lines.replace(/\n$/, "")}` : lines };
}

/** Where a document ends, comments after its last value included: before the next `---` or `...`. */
export function documentEnd({ yaml }: YamlSource, root: YamlNode): number {
  return yaml.documents.find((document) => document.root === root)?.next ?? yaml.text.length;
}

/** Entries at the end of a document, or at its beginning if it has nothing. */
export function appendAtEnd(
  text: string,
  at: number,
  column: number,
  entries: ReadonlyMap<string | number, SopsTree>,
): Splice {
  const lines = [...entries].map(([key, value]) => writeEntry(String(key), value, column)).join("");
  return insertLines(text, at, lines);
}

/** Entries or items behind the last in brackets. */
export function addToFlow(node: YamlNode, entries: ReadonlyMap<string | number, SopsTree>): Splice {
  const written = [...entries].map(([key, value]) =>
    node.kind === "map" ? `${writeKey(String(key))}: ${writeFlow(value)}` : writeFlow(value),
  );
  const last = node.content.at(-1);
  if (last === undefined) return { start: node.start + 1, end: node.start + 1, text: written.join(", ") };
  // What is left out has to be said before a comma, or the comma would be read as part of the key.
  const isLeftOut = node.kind === "map" && last.token === undefined && last.content.length === 0 && !last.isFlow;
  const filler = isLeftOut ? `${node.indicators.at(-1) === undefined ? ":" : ""} null` : "";
  return { start: last.end, end: last.end, text: `${filler}, ${written.join(", ")}` };
}

/** Where an entry of a map ends. */
export function endOf(map: YamlNode, index: number): number {
  const value = map.content[index * 2 + 1];
  return Math.max(value?.end ?? 0, map.indicators[index]?.end ?? 0);
}
