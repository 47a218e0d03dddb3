import { InvalidInputError } from "../../errors.js";
import { metadataTree, planAdditions } from "../additions.js";
import type { Addition } from "../additions.js";
import type { MetadataValue, SopsChanges, SopsLeaf, SopsTree } from "../document.js";
import type { Leaves } from "../leaves.js";
import { applySplices } from "../splice.js";
import type { Splice } from "../splice.js";
import { entryOf, metadataKey } from "../tree.js";
import type { MapNode, TreeNode } from "../tree.js";
import type { JsonPlace, JsonText } from "./read.js";
import { writeEntry, writeScalar, writeTree } from "./write.js";
import type { Layout } from "./write.js";

/** The text with the changes made; everything that is not named stays, byte for byte. */
export function editJson(source: JsonText, leaves: Leaves, changes: SopsChanges): string {
  const splices: Splice[] = [];
  for (const [leaf, scalar] of changes.replace ?? []) {
    const { start, end } = placeOf(source, nodeOf(leaves, leaf));
    splices.push({ start, end, text: writeScalar(scalar) });
  }
  const removed = (changes.remove ?? []).map((leaf) => nodeOf(leaves, leaf));
  splices.push(...cut(source, removed));
  if (changes.add !== undefined) {
    for (const addition of planAdditions(source.root, changes.add)) splices.push(addTo(source, addition, removed));
  }
  if (changes.metadata !== undefined) splices.push(...metadataSplices(source, changes.metadata));
  return applySplices(source.text, splices);
}

function nodeOf(leaves: Leaves, leaf: SopsLeaf): TreeNode {
  const node = leaves.nodes.get(leaf);
  if (node === undefined || node.kind === "comment") {
    throw new InvalidInputError("the leaf to change is of another document");
  }
  return node;
}

function placeOf({ places }: JsonText, node: TreeNode): JsonPlace {
  const place = places.get(node);
  if (place === undefined) throw new InvalidInputError("the part to change is of another document");
  return place;
}

function childrenOf(node: TreeNode): readonly TreeNode[] {
  if (node.kind === "map") return node.items.flatMap((item) => (item.kind === "entry" ? [item.value] : []));
  return node.kind === "list" ? node.items.flatMap((item) => (item.kind === "comment" ? [] : [item])) : [];
}

function cut(source: JsonText, removed: readonly TreeNode[]): readonly Splice[] {
  const byParent = new Map<TreeNode, Set<number>>();
  for (const node of removed) {
    const { parent, index } = placeOf(source, node);
    if (parent !== undefined) byParent.set(parent, (byParent.get(parent) ?? new Set()).add(index));
  }
  return [...byParent].flatMap(([parent, indices]) => {
    const children = childrenOf(parent).map((child) => placeOf(source, child));
    if (indices.size === children.length) {
      const { start, end } = placeOf(source, parent);
      return [{ start, end, text: parent.kind === "map" ? "{}" : "[]" }];
    }
    const lastKept = children.findLastIndex((_, index) => !indices.has(index));
    const after = children.slice(lastKept + 1).at(-1);
    const tail = after === undefined ? [] : [{ start: children[lastKept]?.end ?? after.end, end: after.end, text: "" }];
    const inside = [...indices]
      .filter((index) => index < lastKept)
      .map((index) => ({
        start: children[index]?.keyStart ?? 0,
        end: children[index + 1]?.keyStart ?? 0,
        text: "",
      }));
    return [...inside, ...tail];
  });
}

function addTo(source: JsonText, { container, entries }: Addition, removed: readonly TreeNode[]): Splice {
  const { start, end } = placeOf(source, container);
  const layout = layoutOf(source, container);
  const inner = layout.newline === "" ? layout : { ...layout, newline: layout.newline + layout.unit };
  const isMap = container.kind === "map" || (container.kind === "scalar" && hasKeys(entries));
  const written = [...entries].map(([key, value]) =>
    isMap ? writeEntry(String(key), value, inner) : writeTree(value, inner),
  );
  const separator = layout.newline === "" ? ", " : `,${inner.newline}`;
  const children = childrenOf(container);
  if (container.kind === "scalar" || children.length === 0) {
    const [open, close] = isMap ? ["{", "}"] : ["[", "]"];
    return { start, end, text: `${open}${inner.newline}${written.join(separator)}${layout.newline}${close}` };
  }
  if (children.every((child) => removed.includes(child))) {
    throw new InvalidInputError("cannot empty a map or list and add to it in one edit");
  }
  const metadata = container === source.root ? entryOf(source.root, metadataKey)?.value : undefined;
  const before = metadata === undefined ? children.at(-1) : children[placeOf(source, metadata).index - 1];
  if (before === undefined && metadata !== undefined) {
    const at = placeOf(source, metadata).keyStart;
    return { start: at, end: at, text: written.map((one) => one + separator).join("") };
  }
  // After a cut at the end of the container the new values would follow what is gone: put them behind what stays.
  const lastKept = children
    .slice(0, before === undefined ? 0 : children.indexOf(before) + 1)
    .findLast((child) => !removed.includes(child));
  if (lastKept === undefined) throw new InvalidInputError("cannot remove all there is before the metadata and add");
  const at = placeOf(source, lastKept).end;
  return { start: at, end: at, text: written.map((one) => separator + one).join("") };
}

function hasKeys(entries: ReadonlyMap<string | number, SopsTree>): boolean {
  return [...entries.keys()].some((key) => typeof key === "string");
}

/** The layout of a map or list by the line it begins on, and the file's indentation by its first entry. */
function layoutOf({ text, root, places }: JsonText, container: TreeNode): Layout {
  const first = childrenOf(root)[0];
  const rootStart = places.get(root)?.start ?? 0;
  const lead = first === undefined ? "\n\t" : text.slice(rootStart + 1, places.get(first)?.keyStart);
  const own = places.get(container);
  const isInLine =
    childrenOf(container).length > 0 && own !== undefined && !text.slice(own.start, own.end).includes("\n");
  if (isInLine || !lead.includes("\n")) return { newline: "", unit: "" };
  const unit = lead.slice(lead.lastIndexOf("\n") + 1);
  const start = own?.keyStart ?? rootStart;
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const indentation = container === root ? "" : (/^[ \t]*/.exec(line)?.[0] ?? "");
  return { newline: (lead.includes("\r\n") ? "\r\n" : "\n") + indentation, unit };
}

function metadataSplices(source: JsonText, fields: ReadonlyMap<string, MetadataValue | undefined>): readonly Splice[] {
  const owner = entryOf(source.root, metadataKey)?.value;
  const present = [...fields]
    .flatMap(([field, value]): [string, SopsTree][] => (value === undefined ? [] : [[field, metadataTree(value)]]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (owner === undefined) {
    const entries = new Map<string, SopsTree>([[metadataKey, new Map(present)]]);
    return [addTo(source, { container: source.root, depth: 0, entries }, [])];
  }
  if (owner.kind !== "map") throw new InvalidInputError("the metadata is not a map");
  const layout = layoutOf(source, owner);
  const inner = layout.newline === "" ? layout : { ...layout, newline: layout.newline + layout.unit };
  const separator = layout.newline === "" ? ", " : `,${inner.newline}`;
  const gone = [...fields].flatMap(([field, value]) => {
    const entry = value === undefined ? entryOf(owner, field) : undefined;
    return entry === undefined ? [] : [entry.value];
  });
  return [
    ...cut(source, gone),
    ...present.map(([field, tree]) => fieldSplice(source, owner, field, tree, inner, separator)),
  ];
}

function fieldSplice(
  source: JsonText,
  owner: MapNode,
  field: string,
  tree: SopsTree,
  layout: Layout,
  separator: string,
): Splice {
  const there = entryOf(owner, field);
  if (there !== undefined) {
    const { start, end } = placeOf(source, there.value);
    return { start, end, text: writeTree(tree, layout) };
  }
  const written = writeEntry(field, tree, layout);
  const next = owner.items.find((item) => item.kind === "entry" && item.key > field);
  if (next?.kind === "entry") {
    const at = placeOf(source, next.value).keyStart;
    return { start: at, end: at, text: written + separator };
  }
  const last = childrenOf(owner).at(-1);
  const at = last === undefined ? placeOf(source, owner).start + 1 : placeOf(source, last).end;
  return { start: at, end: at, text: last === undefined ? written : separator + written };
}
