import type { Metadata, MetadataValue, SopsTree } from "./document.js";
import { isScalar, metadataTree } from "./additions.js";
import { scalarBytes } from "./scalar.js";
import { maximumDepth } from "./tree.js";

const mapSeparator = "__map_";
const listSeparator = "__list_";

/** Thrown by {@link unflatten}, for the caller to give a place to. */
export class FlatFault extends Error {
  /** The flat name that does not fit the others. */
  readonly field: string;

  constructor(field: string) {
    super("fields do not fit together");
    this.field = field;
  }
}

interface Node {
  value?: string;
  readonly keys: Map<string, Node>;
  readonly indices: Map<number, Node>;
}

/**
 * The metadata of formats without nesting: `age__list_0__map_enc` is `age[0].enc` (stores/flatten.go).
 *
 * @throws FlatFault when a name is here twice, has too many parts or is two kinds of thing, or a list has gaps
 */
export function unflatten(fields: Iterable<readonly [string, string]>): Metadata {
  const root: Node = { keys: new Map(), indices: new Map() };
  for (const [field, value] of fields) {
    const path = tokens(field);
    if (path.length > maximumDepth) throw new FlatFault(field);
    const node = path.reduce(child, root);
    if (node.value !== undefined) throw new FlatFault(field);
    node.value = value;
  }
  const data: Record<string, MetadataValue> = Object.create(null);
  for (const [key, node] of root.keys) data[key] = finish(node, key);
  return data;
}

/** A flat name as keys and indices. The first part is always a key. */
function tokens(field: string): readonly (string | number)[] {
  const parts = field.split(/(__map_|__list_)/);
  const made: (string | number)[] = [parts[0] ?? ""];
  for (let index = 1; index < parts.length; index += 2) {
    const part = parts[index + 1] ?? "";
    made.push(parts[index] === mapSeparator ? part : /^[0-9]{1,6}$/.test(part) ? Number(part) : -1);
  }
  return made;
}

function child(node: Node, token: string | number): Node {
  const there = typeof token === "string" ? node.keys.get(token) : node.indices.get(token);
  if (there !== undefined) return there;
  const made: Node = { keys: new Map(), indices: new Map() };
  if (typeof token === "string") node.keys.set(token, made);
  else node.indices.set(token, made);
  return made;
}

function finish(node: Node, field: string): MetadataValue {
  const { value, keys, indices } = node;
  if (Number(value !== undefined) + Number(keys.size > 0) + Number(indices.size > 0) !== 1) throw new FlatFault(field);
  if (value !== undefined) return value;
  if (keys.size > 0) {
    const data: Record<string, MetadataValue> = Object.create(null);
    for (const [key, inner] of keys) data[key] = finish(inner, field);
    return data;
  }
  return Array.from(indices, (_, index) => {
    const item = indices.get(index);
    if (item === undefined) throw new FlatFault(field);
    return finish(item, field);
  });
}

/** One field of the metadata as flat names and texts, in the order of SOPS. */
export function flatten(field: string, value: MetadataValue): readonly (readonly [string, string])[] {
  const made: (readonly [string, string])[] = [];
  const visit = (name: string, tree: SopsTree): void => {
    if (isScalar(tree)) {
      const text = tree.type === "bool" ? String(tree.value) : Buffer.from(scalarBytes(tree) ?? []).toString("utf8");
      made.push([name, text]);
    } else if (tree instanceof Map) {
      const entries = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
      for (const [key, inner] of entries) visit(name + mapSeparator + key, inner);
    } else if (Array.isArray(tree)) {
      for (const [index, inner] of tree.entries()) visit(`${name}${listSeparator}${index}`, inner);
    }
  };
  visit(field, metadataTree(value));
  return made;
}

/** The field that a flat name is part of. */
export function fieldOf(name: string): string {
  return /^(.*?)(?:__map_|__list_|$)/s.exec(name)?.[1] ?? name;
}
