import { InvalidInputError, quote } from "../errors.js";
import type { SopsLocation } from "./document.js";
import type { Leaves } from "./leaves.js";
import { entryOf, metadataKey, valuesOf } from "./tree.js";
import type { MapNode, TreeNode } from "./tree.js";

/**
 * Finds a value by its address, in the first document that has it. Whether a part of the address is a key or an index
 * is for the file to say: an index where a list is.
 *
 * @param file - its name, for errors
 * @throws InvalidInputError when a map or list is there, or a value stands where a map or list is needed
 */
export function locate(documents: readonly MapNode[], leaves: Leaves, file: string, address: string): SopsLocation {
  const parts = address.split("/");
  if (parts[0] === metadataKey) {
    throw new InvalidInputError(`${quote(address)} is in the metadata of ${quote(file)}, not among its values`);
  }
  const tries = documents.map((root) => follow(root, parts, file));
  const found = tries.find(({ node }) => node !== undefined) ?? tries[0] ?? { path: parts, node: undefined };
  if (found.node === undefined) {
    if (found.fault !== undefined) throw new InvalidInputError(found.fault);
    return { path: found.path, leaf: undefined };
  }
  if (found.node.kind === "scalar") return { path: found.path, leaf: leaves.ofNode.get(found.node) };
  throw new InvalidInputError(`${quote(address)} of ${quote(file)} is a ${found.node.kind}, not a value`, {
    hint:
      found.node.kind === "map"
        ? `give the path of a value in it, such as \`${address}/KEY\``
        : `give an index, such as \`${address}/0\``,
  });
}

interface Found {
  readonly path: readonly (string | number)[];
  readonly node: TreeNode | undefined;
  readonly fault?: string;
}

function follow(root: MapNode, parts: readonly string[], file: string): Found {
  const path: (string | number)[] = [];
  let node: TreeNode | undefined = root;
  let fault: string | undefined;
  for (const [depth, part] of parts.entries()) {
    const at = (): string => `${quote(parts.slice(0, depth).join("/"))} of ${quote(file)}`;
    if (node?.kind === "list") {
      const isIndex = /^(?:0|[1-9][0-9]{0,8})$/.test(part);
      if (!isIndex) fault ??= `${at()} is a list, and ${quote(part)} is no index`;
      path.push(isIndex ? Number(part) : part);
      node = isIndex ? valuesOf(node)[Number(part)] : undefined;
    } else {
      if (node?.kind === "scalar" && node.scalar.type !== "null") fault ??= `${at()} is a value, not a map or list`;
      path.push(part);
      node = node?.kind === "map" ? entryOf(node, part)?.value : undefined;
    }
  }
  return fault === undefined ? { path, node } : { path, node, fault };
}
