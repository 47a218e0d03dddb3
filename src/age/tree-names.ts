import { pathFault } from "../domain/names.js";

/** `a/b` is the file `a/b.age` below the root. */
export const entrySuffix = ".age";
/** Who the entries of a directory, and of those below it that have no such file, are encrypted to. */
export const recipientsName = ".age-recipients";
/** What file systems take. */
const maximumNameBytes = 255;
/** How much a new file's name is longer until it takes the place of the old one. */
const temporaryLength = ".0123456789ab.tmp".length;

/** What {@link entryFault} accepts, for messages. */
export const entryGrammar =
  "`folder/name` for the file `folder/name.age`; no part may begin with `.`, and no folder end in `.age`";

/** What is wrong with a path as the name of an entry, or `undefined`. The common rules were checked before. */
export function entryFault(path: string): string | undefined {
  const segments = path.split("/");
  const folders = segments.slice(0, -1);
  if (segments.some((segment) => segment.startsWith("."))) {
    return "expected no part that begins with `.`, because such files are hidden and never listed";
  }
  // A directory is read as if names that are no Unicode had this character.
  if (path.includes("\uFFFD")) return "expected no replacement character (U+FFFD)";
  if (folders.some((folder) => folder.endsWith(entrySuffix))) {
    return "expected no folder that ends in `.age`, which is the name of an entry's file";
  }
  if (folders.some((folder) => Buffer.byteLength(folder) > maximumNameBytes)) {
    return `expected folders of at most ${maximumNameBytes} bytes`;
  }
  const longest = maximumNameBytes - temporaryLength - entrySuffix.length;
  if (Buffer.byteLength(segments.at(-1) ?? "") > longest)
    return `expected at most ${longest} bytes after the last \`/\``;
  return undefined;
}

/** Whether a name below the root can be asked for. */
export function isEntryName(path: string): boolean {
  return pathFault(path) === undefined && entryFault(path) === undefined;
}
