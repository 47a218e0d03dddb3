import { InvalidInputError, quote } from "../errors.js";
import type { MetadataValue, SopsPath, SopsScalar, SopsTree } from "./document.js";
import { entryOf, maximumDepth, metadataKey, valuesOf } from "./tree.js";
import type { MapNode, TreeNode } from "./tree.js";

/** Values to put into one map or list that is there, or into a null that becomes one. */
export interface Addition {
  readonly container: TreeNode;
  readonly depth: number;
  /** In order. Of a list, values to append. */
  readonly entries: ReadonlyMap<string | number, SopsTree>;
}

type Branch = Map<string | number, Branch | SopsScalar>;

/**
 * Sorts values to add by the maps and lists that are there to take them, the innermost first.
 *
 * @throws InvalidInputError when a path is taken, leads through a value, or skips indices of a list
 */
export function planAdditions(
  root: MapNode,
  added: readonly { readonly path: SopsPath; readonly scalar: SopsScalar }[],
): readonly Addition[] {
  const plans = new Map<TreeNode, { readonly depth: number; readonly branch: Branch }>();
  for (const { path, scalar } of added) {
    const fault = (message: string): InvalidInputError =>
      new InvalidInputError(`cannot add ${quote(path.join("/"))}: ${message}`);
    if (path[0] === metadataKey) throw fault("`sops` is the place of the metadata");
    if (path.length === 0 || path.length > maximumDepth) throw fault("its path is too short or too long");
    let container: TreeNode = root;
    let depth = 0;
    for (const part of path.slice(0, -1)) {
      const next = childOf(container, part);
      if (next === undefined) break;
      container = next;
      depth += 1;
    }
    if (container.kind === "scalar" && container.scalar.type !== "null") throw fault("a value is in the way");
    const first = path[depth];
    if (first === undefined || childOf(container, first) !== undefined) throw fault("something is there");
    if (container.kind === "map" && typeof first !== "string") throw fault("a map takes keys, not indices");
    if (container.kind === "list" && typeof first !== "number") throw fault("a list takes indices, not keys");
    const plan = plans.get(container) ?? { depth, branch: new Map() };
    plans.set(container, plan);
    if (!place(plan.branch, path.slice(depth), scalar)) throw fault("another addition is in the way");
  }
  return [...plans]
    .map(([container, { depth, branch }]) => {
      const start = container.kind === "list" ? valuesOf(container).length : 0;
      return { container, depth, entries: new Map([...branch].map(([key, value]) => [key, finish(value)])), start };
    })
    .map(({ start, ...addition }) => {
      checkIndices([...addition.entries.keys()], start);
      return addition;
    })
    .toSorted((a, b) => b.depth - a.depth);
}

function childOf(node: TreeNode, part: string | number): TreeNode | undefined {
  if (node.kind === "map") return typeof part === "string" ? entryOf(node, part)?.value : undefined;
  return node.kind === "list" && typeof part === "number" ? valuesOf(node)[part] : undefined;
}

function place(branch: Branch, path: SopsPath, scalar: SopsScalar): boolean {
  const [first, ...rest] = path;
  if (first === undefined) return false;
  const there = branch.get(first);
  if (rest.length === 0) {
    if (there !== undefined) return false;
    branch.set(first, scalar);
    return true;
  }
  const next = there ?? new Map();
  if (!(next instanceof Map)) return false;
  branch.set(first, next);
  return place(next, rest, scalar);
}

function finish(value: Branch | SopsScalar): SopsTree {
  if (!(value instanceof Map)) return value;
  const keys = [...value.keys()];
  if (keys.every((key) => typeof key === "string")) {
    return new Map([...value].map(([key, inner]) => [String(key), finish(inner)]));
  }
  checkIndices(keys, 0);
  return [...value.values()].map(finish);
}

function checkIndices(keys: readonly (string | number)[], start: number): void {
  if (keys.every((key) => typeof key === "string") || keys.every((key, index) => key === start + index)) return;
  throw new InvalidInputError("cannot add to a list with a gap: the next index has to come first", {
    hint: `the next index is ${start}`,
  });
}

/** Plain data as a tree, to be written like one. */
export function metadataTree(value: MetadataValue): SopsTree {
  if (value === null) return { type: "null" };
  if (typeof value === "string") return { type: "str", value };
  if (typeof value === "boolean") return { type: "bool", value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { type: "int", value: BigInt(value) } : { type: "float", value };
  }
  if (isList(value)) return value.map(metadataTree);
  return new Map(Object.entries(value).map(([key, inner]) => [key, metadataTree(inner)]));
}

function isList(value: MetadataValue): value is readonly MetadataValue[] {
  return Array.isArray(value);
}

/** Whether a part of a {@link SopsTree} is a scalar; the other parts are lists and maps. */
export function isScalar(tree: SopsTree): tree is SopsScalar {
  return !(tree instanceof Map) && !Array.isArray(tree);
}
