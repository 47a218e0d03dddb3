import type { Metadata } from "./document.js";
import { parseError } from "./parse-error.js";
import { entryOf, metadataKey, toMetadata } from "./tree.js";
import type { MapNode } from "./tree.js";

/**
 * The metadata of the first document, where SOPS reads it, or `undefined`.
 *
 * @throws IntegrityError when the place of the metadata holds something else
 */
export function metadataOf(root: MapNode | undefined, file: string): Metadata | undefined {
  const entry = root === undefined ? undefined : entryOf(root, metadataKey);
  if (entry === undefined) return undefined;
  if (entry.value.kind !== "map") throw parseError(file, entry.line, "expected `sops` to be a map");
  return toMetadata(entry.value);
}
