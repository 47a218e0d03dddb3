import { InvalidInputError, quote, UnsupportedError } from "../../errors.js";
import { planAdditions } from "../additions.js";
import type { Addition } from "../additions.js";
import type { SopsChanges, SopsLeaf, SopsScalar, SopsTree } from "../document.js";
import { applySplices } from "../splice.js";
import type { Splice } from "../splice.js";
import { metadataKey } from "../tree.js";
import type { MapNode } from "../tree.js";
import { metadataSplices } from "./edit-metadata.js";
import type { YamlNode } from "./node.js";
import {
  addToFlow,
  appendAtEnd,
  documentEnd,
  emptyRoot,
  endOf,
  insertLines,
  unsupported,
  valueSplices,
} from "./pieces.js";
import type { YamlSource } from "./pieces.js";
import { removalSplices } from "./remove.js";
import { lineAfter, lineStart } from "./text.js";
import type { YamlPlace } from "./tree.js";
import { writeEntry, writeFlow, writeItem, writeScalar } from "./write.js";

/** The text with the changes made; everything that is not named stays, byte for byte. */
export function editYaml(source: YamlSource, changes: SopsChanges): string {
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

function withBreaks(splice: Splice, eol: string): Splice {
  return { ...splice, text: splice.text.replace(/\r?\n/g, eol) };
}

function replaceLeaf({ yaml, tree, leaves }: YamlSource, leaf: SopsLeaf, scalar: SopsScalar): readonly Splice[] {
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

function placeOfLeaf({ tree, leaves }: YamlSource, leaf: SopsLeaf): { parent: YamlNode; index: number } {
  const node = leaves.nodes.get(leaf);
  const place = node?.kind === "scalar" ? tree.places.get(node) : undefined;
  if (place?.parent === undefined || tree.isShared(place.node) || tree.isShared(place.parent)) {
    throw unsupported(quote(leaf.path.join("/")));
  }
  return { parent: place.parent, index: place.index };
}

function addTo(source: YamlSource, { container, entries }: Addition): Splice {
  const { tree, yaml } = source;
  const place = tree.places.get(container);
  if (place === undefined) return appendAtEnd(yaml.text, yaml.text.length, 0, entries);
  if (tree.isShared(place.node)) throw unsupported("a map or list");
  const { node } = place;
  if (node.kind === "scalar") {
    if (place.parent === undefined) return appendAtEnd(yaml.text, documentEnd(source, node), 0, entries);
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

function addToBlock(
  { yaml, tree }: YamlSource,
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
