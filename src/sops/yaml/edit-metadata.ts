import { isScalar, metadataTree } from "../additions.js";
import type { MetadataValue, SopsTree } from "../document.js";
import type { Splice } from "../splice.js";
import { entryOf, metadataKey } from "../tree.js";
import type { MapNode } from "../tree.js";
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
import type { YamlText } from "./read.js";
import { removalSplices } from "./remove.js";
import { lineAfter, lineStart } from "./text.js";
import { writeEntry, writeFlow, writeScalar } from "./write.js";

/** Writes fields of the metadata, in every document that has some, or in all if none has. */
export function metadataSplices(
  source: YamlSource,
  fields: ReadonlyMap<string, MetadataValue | undefined>,
): readonly Splice[] {
  const { tree, yaml } = source;
  const roots = tree.roots.length === 0 ? [emptyRoot] : tree.roots;
  const owners = roots.flatMap((root) => {
    const entry = entryOf(root, metadataKey);
    return entry === undefined ? [] : [entry.value];
  });
  if (owners.length === 0) {
    const whole = fieldTree(fields);
    const entries = new Map([[metadataKey, whole]]);
    return roots.map((container) => {
      const node = tree.places.get(container)?.node;
      if (node === undefined) return appendAtEnd(yaml.text, yaml.text.length, 0, entries);
      if (node.isFlow) return addToFlow(node, entries);
      const column = node.kind === "map" ? yaml.columnOf(node.start) : 0;
      return appendAtEnd(yaml.text, documentEnd(source, node), column, entries);
    });
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
