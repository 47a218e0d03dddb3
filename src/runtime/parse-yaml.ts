import { isUtf8 } from "node:buffer";
import type * as Yaml from "yaml";
import type { Document, Node, Pair, YAMLMap } from "yaml";
import type { Problem } from "../errors.js";
import { quote } from "../errors.js";
import { emptyMap } from "./merge.js";
import type { Data } from "./merge.js";
import { syntaxMessage } from "../domain/yaml-messages.js";

/** Values that aliases may add to a document; past this they are taken for an attack and not expanded. */
const maximumExpansion = 10_000;
const maximumDepth = 200;
const tooDeep = "expected fewer levels: the data is nested too deeply";

type Path = readonly (string | number)[];

/** A YAML document as data, with everything that is wrong with it as YAML. */
export interface ParsedYaml {
  readonly data: Data;
  readonly problems: readonly Problem[];
  /** How much of a path is in the document, and the line (from 1) of the last part that is. */
  readonly locate: (path: Path) => { readonly depth: number; readonly line: number };
}

/**
 * Reads YAML 1.2, core schema: one document, string keys, no duplicate keys, no merge keys (`<<`), no tags of other
 * schemas. Plain aliases are allowed within a limit. The library is loaded by the first call.
 *
 * @param file - for the problems
 */
export async function parseYaml(bytes: Uint8Array, file: string): Promise<ParsedYaml> {
  const faulty = (message: string): ParsedYaml => ({
    data: null,
    problems: [{ path: [], message, file, line: 1 }],
    locate: () => ({ depth: 0, line: 1 }),
  });
  if (!isUtf8(bytes)) return faulty("expected valid UTF-8");
  const yaml = await import("yaml");
  const lineCounter = new yaml.LineCounter();
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  let document: Document.Parsed;
  try {
    document = yaml.parseDocument(Buffer.from(bytes).toString("utf8"), {
      lineCounter,
      // The library's own check takes time in the square of the number of keys; ours is below.
      uniqueKeys: false,
      prettyErrors: false,
      merge: false,
      schema: "core",
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) return faulty(tooDeep);
    throw error;
  }
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    message: error.message.includes("call stack") ? tooDeep : syntaxMessage(error.code),
    file,
    line: lineAt(error.pos[0]),
  }));
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== "1.2") problems.push({ path: [], message: "expected YAML 1.2", file, line: 1 });
  const note = (path: Path, message: string, node: { readonly range?: readonly number[] | null }): void => {
    problems.push({ path, message, file, line: lineAt(node.range?.[0] ?? 0) });
  };
  const data = problems.length === 0 ? toData(yaml, document.contents, note) : null;
  return { data, problems, locate: makeLocator(yaml, document, lineAt) };
}

/** Walks the document once: plain data, and a note for everything that is YAML but not configuration. */
function toData(
  yaml: typeof Yaml,
  root: Node | null,
  note: (path: Path, message: string, node: { readonly range?: readonly number[] | null }) => void,
): Data {
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let expanded = 0;
  let isTooMuch = false;

  const walk = (node: unknown, path: Path, isCopy: boolean): Data => {
    if (!yaml.isNode(node) || isTooMuch) return null;
    if (isCopy && ++expanded > maximumExpansion) {
      isTooMuch = true;
      note(path, `expected aliases that stand for at most ${maximumExpansion} values in all`, node);
      return null;
    }
    if (path.length > maximumDepth) {
      isTooMuch = true;
      note(path.slice(0, 3), tooDeep, node);
      return null;
    }
    if (yaml.isAlias(node)) return follow(node, path);
    if (node.anchor !== undefined && !isCopy) anchors.set(node.anchor, node);
    if (yaml.isScalar(node)) return scalar(node.value, path, node);
    open.add(node);
    const data = yaml.isMap(node) ? mapping(node, path, isCopy) : items(node, path, isCopy);
    open.delete(node);
    return data;
  };

  const follow = (alias: Node & { readonly source: string }, path: Path): Data => {
    const target = anchors.get(alias.source);
    if (target !== undefined && !open.has(target)) return walk(target, path, true);
    note(
      path,
      target === undefined
        ? "unknown alias (put a value that begins with `*` in quotes)"
        : "expected no alias inside what it stands for",
      alias,
    );
    return null;
  };

  const mapping = (map: YAMLMap, path: Path, isCopy: boolean): Data => {
    const data = emptyMap();
    for (const { key, value } of map.items) {
      const name = yaml.isScalar(key) ? key.value : undefined;
      const at = yaml.isNode(key) ? key : map;
      if (typeof name !== "string") note(path, "expected a key that is a string (put others in quotes)", at);
      else if (name === "<<") note([...path, name], "merge keys are not supported: write the keys out", at);
      else if (name in data) note([...path, name], `the key ${quote(name)} is here twice`, at);
      else data[name] = walk(value, [...path, name], isCopy);
    }
    return data;
  };

  const items = (node: Node, path: Path, isCopy: boolean): Data =>
    yaml.isSeq(node) ? node.items.map((item, index) => walk(item, [...path, index], isCopy)) : null;

  const scalar = (value: unknown, path: Path, node: Node): Data => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    note(path, "expected a string, a finite number, true, false or null", node);
    return null;
  };

  return walk(root, [], false);
}

/** Finds lines by path; each mapping is indexed once, so that many problems in a long one stay cheap. */
function makeLocator(
  yaml: typeof Yaml,
  document: Document.Parsed,
  lineAt: (offset: number) => number,
): ParsedYaml["locate"] {
  const indexes = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  const entry = (map: YAMLMap, key: string | number): Pair | undefined => {
    const index =
      indexes.get(map) ?? new Map(map.items.map((pair) => [yaml.isScalar(pair.key) ? pair.key.value : pair.key, pair]));
    indexes.set(map, index);
    return index.get(key);
  };
  return (path) => {
    let node: unknown = document.contents;
    let line = lineAt(document.contents?.range[0] ?? 0);
    for (const [depth, key] of path.entries()) {
      if (yaml.isAlias(node)) node = node.resolve(document);
      const pair = yaml.isMap(node) ? entry(node, key) : undefined;
      const item: unknown = yaml.isSeq(node) && typeof key === "number" ? node.items[key] : undefined;
      const start: unknown = pair?.key ?? item;
      if (!yaml.isNode(start)) return { depth, line };
      line = lineAt(start.range?.[0] ?? 0);
      node = pair === undefined ? item : pair.value;
    }
    return { depth: path.length, line };
  };
}
