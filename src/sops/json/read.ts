import { isUtf8 } from "node:buffer";
import type { SopsScalar } from "../document.js";
import { lineFinder, parseError } from "../parse-error.js";
import { maximumDepth, maximumValues, tooManyValues } from "../tree.js";
import type { EntryNode, MapNode, TreeNode } from "../tree.js";

/** Where a part of the tree stands in the text: of an entry's value, from where its key begins. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
  readonly keyStart: number;
  readonly parent: TreeNode | undefined;
  readonly index: number;
}

export interface JsonText {
  readonly text: string;
  readonly root: MapNode;
  readonly places: ReadonlyMap<TreeNode, JsonPlace>;
}

const blank = /[ \t\n\r]*/y;
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const words: readonly (readonly [string, SopsScalar])[] = [
  ["true", { type: "bool", value: true }],
  ["false", { type: "bool", value: false }],
  ["null", { type: "null" }],
];

/**
 * Reads JSON (RFC 8259) with an object at its root into a tree that keeps the place of every part. Numbers are read as
 * SOPS does: an integer of 64 bits when the text is one, else a float.
 *
 * @throws IntegrityError, located
 */
export function readJson(bytes: Uint8Array, file: string): JsonText {
  if (!isUtf8(bytes)) throw parseError(file, 1, "expected valid UTF-8");
  const text = Buffer.from(bytes).toString("utf8");
  const lineOf = lineFinder(text);
  const fault = (message: string): Error => parseError(file, lineOf(at), message);
  const places = new Map<TreeNode, JsonPlace>();
  let at = 0;
  let count = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const skip = (character: string): boolean => {
    match(blank);
    if (text[at] !== character) return false;
    at += 1;
    match(blank);
    return true;
  };
  const string = (): string => {
    const start = at;
    if (text[at] !== '"') throw fault("expected a string");
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) throw fault("a string is not closed");
    at = end + 1;
    try {
      const value: unknown = JSON.parse(text.slice(start, at));
      // Half of a surrogate pair is no character; Go puts the sign for that in its place.
      if (typeof value === "string") return value.replace(/\p{Surrogate}/gu, "\uFFFD");
    } catch {
      at = start;
    }
    throw fault("not valid JSON: a string holds a wrong escape or a control character");
  };
  const scalar = (): SopsScalar => {
    if (text[at] === '"') return { type: "str", value: string() };
    const word = words.find(([name]) => text.startsWith(name, at));
    if (word !== undefined) {
      at += word[0].length;
      return word[1];
    }
    const number = match(numberPattern);
    if (number === undefined) throw fault("not valid JSON: expected a value");
    const found = numberOf(number);
    if (found === undefined) throw fault("expected a number that fits into 64 bits");
    return found;
  };

  const value = (depth: number): { readonly node: TreeNode; readonly start: number } => {
    if (depth > maximumDepth) throw fault(`expected at most ${maximumDepth} levels of maps and lists`);
    if ((count += 1) > maximumValues) throw fault(tooManyValues);
    match(blank);
    const start = at;
    const line = lineOf(at);
    if (text[at] === "{") return { node: object(depth, line), start };
    if (text[at] === "[") return { node: array(depth, line), start };
    return { node: { kind: "scalar", scalar: scalar(), line }, start };
  };

  /** Values whose parent is known only when it is complete. */
  type Child = Omit<JsonPlace, "parent" | "index"> & { readonly node: TreeNode };
  const adopt = (parent: TreeNode, children: readonly Child[]): void => {
    for (const [index, { node, ...place }] of children.entries()) places.set(node, { ...place, parent, index });
  };

  const object = (depth: number, line: number): MapNode => {
    const items: EntryNode[] = [];
    const children: Child[] = [];
    const keys = new Set<string>();
    skip("{");
    if (!skip("}")) {
      do {
        const keyStart = at;
        const keyLine = lineOf(at);
        const key = string();
        if (keys.has(key)) throw parseError(file, keyLine, "a key is here twice");
        keys.add(key);
        if (!skip(":")) throw fault("not valid JSON: expected `:`");
        const { node, start } = value(depth + 1);
        items.push({ kind: "entry", key, value: node, line: keyLine });
        children.push({ node, start, end: at, keyStart });
      } while (skip(","));
      if (!skip("}")) throw fault("not valid JSON: expected `,` or `}`");
      backOverBlanks();
    } else backOverBlanks();
    const map: MapNode = { kind: "map", items, line };
    adopt(map, children);
    return map;
  };

  const array = (depth: number, line: number): TreeNode => {
    const items: TreeNode[] = [];
    const children: Child[] = [];
    skip("[");
    if (!skip("]")) {
      do {
        const { node, start } = value(depth + 1);
        items.push(node);
        children.push({ node, start, end: at, keyStart: start });
      } while (skip(","));
      if (!skip("]")) throw fault("not valid JSON: expected `,` or `]`");
    }
    backOverBlanks();
    const list: TreeNode = { kind: "list", items, line };
    adopt(list, children);
    return list;
  };

  const backOverBlanks = (): void => {
    while (/[ \t\n\r]/.test(text[at - 1] ?? "")) at -= 1;
  };

  match(blank);
  if (text[at] !== "{") throw fault("expected an object at the top: SOPS takes no other JSON");
  const { node: root, start } = value(0);
  const end = at;
  match(blank);
  if (at < text.length) throw fault("not valid JSON: expected nothing after the object");
  if (root.kind !== "map") throw fault("expected an object at the top: SOPS takes no other JSON");
  places.set(root, { start, end, keyStart: start, parent: undefined, index: 0 });
  return { text, root, places };
}

function numberOf(text: string): SopsScalar | undefined {
  if (/^-?[0-9]+$/.test(text) && text.length <= 20) {
    const value = BigInt(text);
    if (BigInt.asIntN(64, value) === value) return { type: "int", value };
  }
  const value = Number(text);
  return Number.isFinite(value) ? { type: "float", value } : undefined;
}
