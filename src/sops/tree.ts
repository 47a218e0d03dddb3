import type { Metadata, MetadataValue, SopsScalar } from "./document.js";

/** The field of the root, and the prefix of flat names, under which SOPS keeps its metadata. */
export const metadataKey = "sops";

/** Levels of maps and lists in one another; deeper files are refused. */
export const maximumDepth = 200;

/** Values and comments in a file. Longer files are refused: they take many seconds, and gigabytes of memory. */
export const maximumValues = 200_000;

/** What is wrong with a file that has more. */
export const tooManyValues = `expected at most ${maximumValues} values and comments`;

/** A document as SOPS takes it apart: comments are items among the others of a map or list. */
export type TreeNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly scalar: SopsScalar;
  readonly line: number;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly (CommentNode | TreeNode)[];
  readonly line: number;
}

export interface MapNode {
  readonly kind: "map";
  readonly items: readonly (CommentNode | EntryNode)[];
  readonly line: number;
}

export interface EntryNode {
  readonly kind: "entry";
  readonly key: string;
  readonly value: TreeNode;
  readonly line: number;
}

export interface CommentNode {
  readonly kind: "comment";
  readonly scalar: SopsScalar;
  readonly line: number;
}

/** The entry of a map, or `undefined`. */
export function entryOf(map: MapNode, key: string): EntryNode | undefined {
  return map.items.find((item): item is EntryNode => item.kind === "entry" && item.key === key);
}

/** The values of a list without its comments: what its indices count. */
export function valuesOf(list: ListNode): readonly TreeNode[] {
  return list.items.filter((item) => item.kind !== "comment");
}

/** A part of a tree as plain data, for the metadata. Integers that a number cannot hold stay text. */
export function toData(node: TreeNode): MetadataValue {
  if (node.kind === "scalar") return scalarData(node.scalar);
  if (node.kind === "list") return valuesOf(node).map(toData);
  return toMetadata(node);
}

export function toMetadata(map: MapNode): Metadata {
  const data: Record<string, MetadataValue> = Object.create(null);
  for (const item of map.items) {
    if (item.kind === "entry") data[item.key] = toData(item.value);
  }
  return data;
}

function scalarData(scalar: SopsScalar): MetadataValue {
  if (scalar.type === "null") return null;
  if (scalar.type === "bytes") return Buffer.from(scalar.value).toString("latin1");
  if (scalar.type !== "int") return scalar.value;
  return Number.isSafeInteger(Number(scalar.value)) ? Number(scalar.value) : String(scalar.value);
}
