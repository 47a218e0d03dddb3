import type { ActiveComment, SopsLeaf, SopsPath } from "./document.js";
import { metadataKey } from "./tree.js";
import type { CommentNode, MapNode, ScalarNode, TreeNode } from "./tree.js";

/** The leaves of a file and, for edits, the node that each was made of. */
export interface Leaves {
  readonly leaves: readonly SopsLeaf[];
  readonly nodes: ReadonlyMap<SopsLeaf, ScalarNode | CommentNode>;
  readonly ofNode: ReadonlyMap<ScalarNode | CommentNode, SopsLeaf>;
}

/** Walks the documents as SOPS does for the MAC (`walkBranch` of sops.go): in order, metadata left out. */
export function collectLeaves(documents: readonly MapNode[]): Leaves {
  const leaves: SopsLeaf[] = [];
  const nodes = new Map<SopsLeaf, ScalarNode | CommentNode>();
  const ofNode = new Map<ScalarNode | CommentNode, SopsLeaf>();

  const add = (
    node: ScalarNode | CommentNode,
    path: SopsPath,
    document: number,
    comments: ActiveComment | undefined,
  ): void => {
    const kind = node.kind === "comment" ? "comment" : "value";
    const leaf: SopsLeaf = { kind, path, scalar: node.scalar, comments, document, line: node.line };
    leaves.push(leaf);
    nodes.set(leaf, node);
    ofNode.set(node, leaf);
  };

  const walk = (node: TreeNode, path: SopsPath, document: number, around: ActiveComment | undefined): void => {
    if (node.kind === "scalar") return add(node, path, document, around);
    let comments = around;
    let index = 0;
    for (const item of node.items) {
      if (item.kind === "comment") {
        comments = { text: commentText(item), previous: comments };
        add(item, path, document, comments);
        continue;
      }
      const isMetadata = item.kind === "entry" && path.length === 0 && item.key === metadataKey;
      if (item.kind !== "entry") walk(item, [...path, index++], document, comments);
      else if (!isMetadata) walk(item.value, [...path, item.key], document, comments);
      // SOPS takes its own part out before it walks, so comments before it stay in force for what comes after.
      if (!isMetadata) comments = around;
    }
  };

  for (const [document, root] of documents.entries()) walk(root, [], document, undefined);
  return { leaves, nodes, ofNode };
}

function commentText({ scalar }: CommentNode): string {
  if (scalar.type === "bytes") return Buffer.from(scalar.value).toString("utf8");
  return scalar.type === "str" ? scalar.value : "";
}
