import type { SopsDocument, SopsFormat, SopsTree } from "../document.js";
import { collectLeaves } from "../leaves.js";
import { locate } from "../locate.js";
import { metadataOf } from "../metadata-of.js";
import { editJson } from "./edit.js";
import { readJson } from "./read.js";
import { writeTree } from "./write.js";

export const parseJsonDocument: SopsFormat["parse"] = async (bytes, file): Promise<SopsDocument> => {
  const source = readJson(bytes, file);
  const leaves = collectLeaves([source.root]);
  return {
    leaves: leaves.leaves,
    metadata: metadataOf(source.root, file),
    locate: (address) => locate([source.root], leaves, file, address),
    edit: (changes) => Buffer.from(editJson(source, leaves, changes), "utf8"),
  };
};

export const createJson = async (tree: ReadonlyMap<string, SopsTree>): Promise<Uint8Array> =>
  Buffer.from(`${writeTree(tree, { newline: "\n", unit: "\t" })}\n`, "utf8");
