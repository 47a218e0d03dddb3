import { scalarBytes } from "../../src/sops/scalar.js";
import type { CommentNode, EntryNode, TreeNode } from "../../src/sops/tree.js";

/** A tree in one line: `{#comment key: value list: [1 2]}`. */
export function outline(node: TreeNode | CommentNode | EntryNode): string {
  switch (node.kind) {
    case "comment":
      return `#${node.scalar.type === "str" ? node.scalar.value.trim() : ""}`;
    case "entry":
      return `${node.key}: ${outline(node.value)}`;
    case "map":
      return `{${node.items.map(outline).join(" ")}}`;
    case "list":
      return `[${node.items.map(outline).join(" ")}]`;
    case "scalar": {
      const bytes = scalarBytes(node.scalar);
      return bytes === undefined ? "null" : Buffer.from(bytes).toString().replaceAll("\n", "\\n");
    }
  }
  return "";
}
