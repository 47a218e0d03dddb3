import { IntegrityError, quote } from "../errors.js";
import { associatedData } from "./cipher.js";
import type { SopsLeaf, SopsLocation } from "./document.js";
import type { OpenedDocument } from "./open-document.js";

/**
 * Finds values by their addresses, and sees that each is the one that was encrypted for its keys.
 *
 * SOPS binds a value to the keys of its path joined by `:`, and its MAC covers what is not empty, in order. So somebody
 * without a key could write `a: { b: … }` as `"a:b": …` or as `a: [{ b: … }]`, or put a document with an empty `a: { b }`
 * before it, and the address `a/b` would lead nowhere, to nothing, or to another document's value, under a MAC that is right. The
 * first value that is bound to the same keys stays the first, whatever is written around it: it must be the one that is found.
 * Elements of lists are bound to the keys around the list alone; of them nothing can be told.
 *
 * @param file - its name, for errors
 * @returns what `locate` of the document returns
 * @throws IntegrityError when another value is bound to the keys of the address
 */
export function valueFinder(
  { document, values, isEncrypted }: OpenedDocument,
  file: string,
): (address: string) => SopsLocation {
  const firsts = new Map<string, SopsLeaf>();
  for (const [leaf, scalar] of values) {
    const isEmpty = scalar.type === "str" && scalar.value === "";
    const place = associatedData(leaf.path);
    if (!isEmpty && isEncrypted(leaf) && !firsts.has(place)) firsts.set(place, leaf);
  }
  return (address) => {
    const location = document.locate(address);
    const isInList = location.path.some((part) => typeof part === "number");
    // Of what is not there, the file cannot say which parts are indices.
    const path = location.leaf === undefined && isInList ? address.split("/") : location.path;
    const first = isInList && location.leaf !== undefined ? undefined : firsts.get(associatedData(path));
    if (first === undefined || first === location.leaf) return location;
    const message = `what stands there was encrypted for ${quote(address)}, and is not at its place`;
    throw new IntegrityError(`${quote(file)} line ${first.line}: ${message}`, {
      hint: "restore the file from its history; a name with `:` or the same name in two documents does this too",
      problems: [{ path: first.path, message, file, line: first.line }],
    });
  };
}
