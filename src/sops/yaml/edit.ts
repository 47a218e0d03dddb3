import { InvalidInputError, quote, UnsupportedError } from "../../errors.js";
import { isScalar, metadataTree, planAdditions } from "../additions.js";
import type { Addition } from "../additions.js";
import type { MetadataValue, SopsChanges, SopsLeaf, SopsScalar, SopsTree } from "../document.js";
import type { Leaves } from "../leaves.js";
import { applySplices } from "../splice.js";
import type { Splice } from "../splice.js";
import { entryOf, metadataKey } from "../tree.js";
import type { MapNode } from "../tree.js";
import type { YamlNode } from "./node.js";
import type { YamlText } from "./read.js";
import { removalSplices } from "./remove.js";
import type { YamlPlace, YamlTree } from "./tree.js";
import { contentEnd, lineAfter, lineEnd, lineStart } from "./text.js";
import { writeEntry, writeFlow, writeItem, writeKey, writeScalar } from "./write.js";

interface Source {
  readonly yaml: YamlText;
  readonly tree: YamlTree;
  readonly leaves: Leaves;
}

/** The text with the changes made; everything that is not named stays, byte for byte. */
export function editYaml(source: Source, changes: SopsChanges): string {
  const { text } = source.yaml;
  const splices: Splice[] = [];
  for (const [leaf, scalar] of changes.replace ?? []) splices.push(...replaceLeaf(source, leaf, scalar));
  splices.push(
    ...removalSplices(
      text,
      (changes.remove ?? []).map((leaf) => placeOfLeaf(source, leaf)),
    ),
  );
  const [root] = source.tree.roots;
  if (changes.add !== undefined && changes.add.length > 0) {
    const plan = planAdditions(root ?? emptyRoot, changes.add);
    for (const addition of plan) splices.push(addTo(source, addition));
  }
  if (changes.metadata !== undefined) splices.push(...metadataSplices(source, changes.metadata));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  return applySplices(text, eol === "\n" ? splices : splices.map((one) => withBreaks(one, eol)));
}

const emptyRoot: MapNode = { kind: "map", items: [], line: 1 };

function withBreaks(splice: Splice, eol: string): Splice {
  return { ...splice, text: splice.text.replace(/\r?\n/g, eol) };
}

function unsupported(what: string): UnsupportedError {
  return new UnsupportedError(`${what} is shared with another place of its file by an alias`, {
    hint: "write the value out in each place, then set it",
  });
}

function replaceLeaf({ yaml, tree, leaves }: Source, leaf: SopsLeaf, scalar: SopsScalar): readonly Splice[] {
  const node = leaves.nodes.get(leaf);
  if (node === undefined) throw new InvalidInputError("the leaf to replace is of another document");
  if (node.kind === "comment") {
    const line = tree.comments.get(node);
    if (line === undefined || tree.isShared(line)) throw unsupported("a comment");
    return [{ start: line.start + 1, end: line.end, text: commentText(scalar) }];
  }
  const place = tree.places.get(node);
  if (place?.parent === undefined || tree.isShared(place.node)) throw unsupported(quote(leaf.path.join("/")));
  return valueSplices(yaml.text, place.node, place.parent.isFlow, writeScalar(scalar, place.parent.isFlow));
}

function commentText(scalar: SopsScalar): string {
  if (scalar.type === "str" && !/[\r\n\u0085\u2028\u2029]/.test(scalar.value)) return scalar.value;
  throw new InvalidInputError("a comment of YAML can be text in one line only");
}

/** Puts `written` where a value stands, in whatever style; its anchor stays, its tag goes. */
function valueSplices(text: string, node: YamlNode, isFlow: boolean, written: string): readonly Splice[] {
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

function placeOfLeaf({ tree, leaves }: Source, leaf: SopsLeaf): { parent: YamlNode; index: number } {
  const node = leaves.nodes.get(leaf);
  const place = node?.kind === "scalar" ? tree.places.get(node) : undefined;
  if (place?.parent === undefined || tree.isShared(place.node) || tree.isShared(place.parent)) {
    throw unsupported(quote(leaf.path.join("/")));
  }
  return { parent: place.parent, index: place.index };
}

function addTo(source: Source, { container, entries }: Addition): Splice {
  const { tree, yaml } = source;
  const place = tree.places.get(container);
  if (place === undefined) return appendAtEnd(yaml.text, yaml.text.length, entries);
  if (tree.isShared(place.node)) throw unsupported("a map or list");
  const { node } = place;
  if (node.kind === "scalar") {
    if (place.parent === undefined) return appendAtEnd(yaml.text, documentEnd(source, node), entries);
    const made = treeOf(entries);
    const [splice] = valueSplices(yaml.text, { ...node, tag: undefined }, place.parent.isFlow, writeFlow(made));
    if (splice === undefined || node.tag !== undefined) throw new UnsupportedError("cannot add to a null with a tag");
    return splice;
  }
  return node.isFlow ? addToFlow(node, entries) : addToBlock(source, place, container, entries);
}

function treeOf(entries: ReadonlyMap<string | number, SopsTree>): SopsTree {
  const isList = [...entries.keys()].some((key) => typeof key === "number");
  return isList ? [...entries.values()] : new Map([...entries].map(([key, value]) => [String(key), value]));
}

/** Where the text of a document of nothing but comments ends: before the next `---` or `...`. */
function documentEnd({ yaml }: Source, root: YamlNode): number {
  const index = yaml.documents.findIndex((document) => document.root === root);
  const isLast = index === yaml.documents.length - 1;
  return isLast && !/^\.\.\./m.test(yaml.text.slice(root.start)) ? yaml.text.length : lineAfter(yaml.text, root.start);
}

function appendAtEnd(text: string, at: number, entries: ReadonlyMap<string | number, SopsTree>): Splice {
  const lines = [...entries].map(([key, value]) => writeEntry(String(key), value, 0)).join("");
  return insertLines(text, at, lines);
}

/** Lines at the start of a line, or after the end of a text whose last line is not ended. */
function insertLines(text: string, at: number, lines: string): Splice {
  const isOpen = at > 0 && text[at - 1] !== "\n";
  return { start: at, end: at, text: isOpen ? `\n${lines.replace(/\n$/, "")}` : lines };
}

function addToFlow(node: YamlNode, entries: ReadonlyMap<string | number, SopsTree>): Splice {
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

function addToBlock(
  { yaml, tree }: Source,
  { node }: YamlPlace,
  container: Addition["container"],
  entries: ReadonlyMap<string | number, SopsTree>,
): Splice {
  const { text, columnOf } = yaml;
  const column = columnOf(node.start);
  if (node.kind === "list") {
    const lines = [...entries.values()].map((value) => writeItem(value, column)).join("");
    return insertLines(text, lineAfter(text, node.end), lines);
  }
  const lines = [...entries].map(([key, value]) => writeEntry(key.toString(), value, column)).join("");
  const isRoot = tree.roots.some((root) => root === container);
  const metadata = isRoot && container.kind === "map" ? metadataIndex(container) : undefined;
  if (metadata === undefined) return insertLines(text, lineAfter(text, node.end), lines);
  const before = node.content[metadata * 2 - 1];
  const key = node.content[metadata * 2];
  const at = before === undefined ? lineStart(text, key?.start ?? 0) : lineAfter(text, endOf(node, metadata - 1));
  return insertLines(text, at, lines);
}

/** Which entry of a root holds the metadata, if any. */
function metadataIndex(root: MapNode): number | undefined {
  const index = root.items
    .filter((item) => item.kind === "entry")
    .findIndex((item) => item.kind === "entry" && item.key === metadataKey);
  return index === -1 ? undefined : index;
}

function endOf(map: YamlNode, index: number): number {
  const value = map.content[index * 2 + 1];
  return Math.max(value?.end ?? 0, map.indicators[index]?.end ?? 0);
}

function metadataSplices(source: Source, fields: ReadonlyMap<string, MetadataValue | undefined>): readonly Splice[] {
  const { tree, yaml } = source;
  const roots = tree.roots.length === 0 ? [emptyRoot] : tree.roots;
  const owners = roots.flatMap((root) => {
    const entry = entryOf(root, metadataKey);
    return entry === undefined ? [] : [entry.value];
  });
  if (owners.length === 0) {
    const whole = fieldTree(fields);
    return roots.map((container) => addTo(source, { container, depth: 0, entries: new Map([[metadataKey, whole]]) }));
  }
  return owners.flatMap((owner) => {
    const place = tree.places.get(owner);
    if (owner.kind !== "map" || place === undefined || tree.isShared(place.node)) throw unsupported("the metadata");
    const sorted = [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([field, value]) => fieldSplices(yaml, place.node, owner, field, value));
  });
}

function fieldTree(fields: ReadonlyMap<string, MetadataValue | undefined>): SopsTree {
  const present = [...fields].flatMap(([field, value]): [string, SopsTree][] =>
    value === undefined ? [] : [[field, metadataTree(value)]],
  );
  return new Map(present.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function fieldSplices(
  { text, columnOf }: YamlText,
  node: YamlNode,
  map: MapNode,
  field: string,
  value: MetadataValue | undefined,
): readonly Splice[] {
  const entries = map.items.filter((item) => item.kind === "entry");
  const index = entries.findIndex((entry) => entry.kind === "entry" && entry.key === field);
  if (value === undefined) return index === -1 ? [] : removalSplices(text, [{ parent: node, index }]);
  const made = metadataTree(value);
  const column = columnOf(node.start);
  if (index === -1) {
    if (node.isFlow) return [addToFlow(node, new Map([[field, made]]))];
    const next = entries.findIndex((entry) => entry.kind === "entry" && entry.key > field);
    const key = next === -1 ? undefined : node.content[next * 2];
    const at = key === undefined ? lineAfter(text, node.end) : lineStart(text, key.start);
    return [insertLines(text, at, writeEntry(field, made, column))];
  }
  const there = node.content[index * 2 + 1];
  const key = node.content[index * 2];
  if (there === undefined || key === undefined) return [];
  if (there.kind === "scalar" && isScalar(made)) {
    return valueSplices(text, there, node.isFlow, writeScalar(made, node.isFlow));
  }
  if (node.isFlow) return [{ start: there.start, end: there.end, text: writeFlow(made) }];
  const start = lineStart(text, key.start);
  const end = lineAfter(text, endOf(node, index));
  const lines = writeEntry(field, made, column);
  return [{ start, end, text: text[end - 1] === "\n" ? lines : lines.replace(/\n$/, "") }];
}
