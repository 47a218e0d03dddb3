import { Buffer } from "node:buffer";
import { pathFault } from "../domain/names.js";

/** Of ext4, XFS, Btrfs, tmpfs and APFS. */
const maximumNameBytes = 255;

/** What {@link pathFaultInTree} accepts, for messages. */
export const treeGrammar = "the path of a file inside the directory, without names that begin with `..`";

/** What is wrong with a path as that of a file in a directory of secrets, or `undefined`. */
export function pathFaultInTree(path: string): string | undefined {
  const fault = pathFault(path);
  if (fault !== undefined) return fault;
  for (const segment of path.split("/")) {
    // A Kubernetes volume keeps its generations there; no key of a Kubernetes secret begins so.
    if (segment.startsWith("..")) return "expected no name that begins with `..`";
    if (Buffer.byteLength(segment) > maximumNameBytes) return `expected names of at most ${maximumNameBytes} bytes`;
    // What Node makes of bytes that are no UTF-8.
    if (segment.includes("\uFFFD")) return "expected valid Unicode";
  }
  return undefined;
}
