import { Buffer } from "node:buffer";
import { pathFault } from "../domain/names.js";
import { parseAddress } from "./address.js";

/** With `.gpg` at its end the name of a file has at most 255 bytes. */
const maximumNameBytes = 251;
const maximumFolderBytes = 255;

/** What {@link addressFault} accepts, for messages. */
export const addressGrammar =
  "`folder/name` for the whole value, `folder/name#key` for one key of it, `folder/name#1` for its first line";

/** What is wrong with a path as an address of gopass, or `undefined`. The common rules were checked on the whole path. */
export function addressFault(path: string): string | undefined {
  const { entry, key } = parseAddress(path);
  if (key === "") return "expected a key after `#`";
  const fault = pathFault(entry);
  if (fault !== undefined) return fault;
  // Git would take these for an option or a pattern when gopass adds the file.
  if (/^[-:]/.test(entry)) return "expected no `-` or `:` at the beginning";
  const segments = entry.split("/");
  const folders = segments.slice(0, -1);
  if ((segments[0] ?? "").startsWith(".") || folders.some((folder) => folder.startsWith("."))) {
    return "expected no folder, and nothing at the top, that begins with `.`, because gopass does not list it";
  }
  if (folders.some((folder) => Buffer.byteLength(folder) > maximumFolderBytes)) {
    return `expected folders of at most ${maximumFolderBytes} bytes`;
  }
  if (Buffer.byteLength(segments.at(-1) ?? "") > maximumNameBytes) {
    return `expected at most ${maximumNameBytes} bytes after the last \`/\``;
  }
  return undefined;
}
