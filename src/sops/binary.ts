import { InvalidInputError } from "../errors.js";
import type { SopsFormat } from "./document.js";
import { isScalar } from "./additions.js";
import { createJson, parseJsonDocument } from "./json/format.js";

/** The one key of the JSON that holds a file of any kind. */
const binaryKey = "data";

/** Any other file: JSON with the whole content, encrypted, under `data` (`BinaryStore` of stores/json/store.go). */
export const parseBinaryDocument: SopsFormat["parse"] = parseJsonDocument;

/** @throws InvalidInputError for anything but `data` and text; bytes are text only once they are encrypted */
export const createBinary: SopsFormat["create"] = async (tree) => {
  const content = tree.get(binaryKey);
  if (tree.size === 1 && content !== undefined && isScalar(content)) return createJson(tree);
  throw new InvalidInputError(`a binary file of SOPS holds one value, \`${binaryKey}\``);
};
