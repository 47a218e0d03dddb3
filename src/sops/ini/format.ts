import type { SopsDocument, SopsFormat } from "../document.js";
import { FlatFault, fieldOf, unflatten } from "../flat.js";
import { collectLeaves } from "../leaves.js";
import { locate } from "../locate.js";
import { lineFinder, parseError } from "../parse-error.js";
import type { MapNode } from "../tree.js";
import { editIni } from "./edit.js";
import { readIni } from "./read.js";
import type { IniText } from "./read.js";
import { writeIni } from "./write.js";

export const parseIniDocument: SopsFormat["parse"] = async (bytes, file): Promise<SopsDocument> => {
  const source = readIni(bytes, file);
  const leaves = collectLeaves([source.root]);
  // A section may be there several times: each is looked through on its own, the first that has the key counts.
  const views = source.root.items.map((item): MapNode => ({ kind: "map", items: [item], line: item.line }));
  return {
    leaves: leaves.leaves,
    metadata: metadataOf(source, file),
    locate: (address) => locate(views, leaves, file, address),
    edit: (changes) => Buffer.from(editIni(source, leaves, changes), "utf8"),
  };
};

export const createIni: SopsFormat["create"] = async (tree) => Buffer.from(writeIni(tree), "utf8");

function metadataOf({ text, metadata }: IniText, file: string): SopsDocument["metadata"] {
  if (metadata === undefined) return undefined;
  try {
    return unflatten(metadata.fields.map(({ name, value }) => [name, value.replaceAll("\\n", "\n")]));
  } catch (error) {
    if (!(error instanceof FlatFault)) throw error;
    const at = metadata.fields.find(({ name }) => fieldOf(name) === fieldOf(error.field))?.start ?? 0;
    throw parseError(file, lineFinder(text)(at), "the fields of the metadata do not fit together");
  }
}
