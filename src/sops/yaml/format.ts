import type { SopsDocument, SopsFormat } from "../document.js";
import { collectLeaves } from "../leaves.js";
import { locate } from "../locate.js";
import { metadataOf } from "../metadata-of.js";
import { editYaml } from "./edit.js";
import { readYaml } from "./read.js";
import { layOut } from "./tree.js";
import { writeBlock } from "./write.js";

export const parseYamlDocument: SopsFormat["parse"] = async (bytes, file): Promise<SopsDocument> => {
  const library = await import("yaml");
  const yaml = readYaml(library, bytes, file);
  const tree = layOut(library, yaml, file);
  const leaves = collectLeaves(tree.roots);
  return {
    leaves: leaves.leaves,
    metadata: metadataOf(tree.roots[0], file),
    locate: (address) => locate(tree.roots, leaves, file, address),
    edit: (changes) => Buffer.from(editYaml({ yaml, tree, leaves }, changes), "utf8"),
  };
};

export const createYaml: SopsFormat["create"] = async (tree) => Buffer.from(writeBlock(tree, 0), "utf8");
