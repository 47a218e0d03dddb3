import { readdirSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { isSecretsError, quote, UnavailableError } from "../errors.js";
import { accessError } from "../files/errno.js";
import { findWithin } from "../files/within.js";

const suffix = ".gpg";
/** Folders full of links to one another make more paths than anybody can list. */
const mostLinks = 1_000;

/**
 * Every entry of a store, without looking into any: the files `….gpg`, less those in folders that begin with `.`.
 * Symbolic links count as what they lead to; one that leads out of the store, in a circle or nowhere is left out and said.
 *
 * @param real - the store's directory without symbolic links
 * @param leaveOut - takes the path of each link that is left out
 * @throws UnavailableError when a folder cannot be read, or there are too many
 */
export function listEntries(real: string, leaveOut: (path: string) => void): readonly string[] {
  const entries: string[] = [];
  let links = 0;
  const walk = (folder: string, above: readonly string[]): void => {
    for (const item of childrenOf(join(real, folder))) {
      const path = folder === "" ? item.name : `${folder}/${item.name}`;
      if (item.isSymbolicLink() && (links += 1) > mostLinks) {
        throw new UnavailableError(
          `${quote(real)} has more than ${mostLinks} symbolic links, those behind links counted`,
        );
      }
      const kind = item.isSymbolicLink() ? kindBehindLink(real, path, above) : kindOf(item);
      if (kind === "left out") leaveOut(path);
      else if (kind === "file" && item.name.endsWith(suffix)) entries.push(path.slice(0, -suffix.length));
      else if (kind !== "file" && kind !== undefined && !item.name.startsWith(".")) walk(path, [...above, kind.folder]);
    }
  };
  walk("", [real]);
  return entries;
}

/** `folder`: where the folder is without symbolic links; `undefined`: neither file nor folder. */
type Kind = "file" | "left out" | { readonly folder: string } | undefined;

function kindOf(item: Dirent): Kind {
  if (item.isFile()) return "file";
  return item.isDirectory() ? { folder: join(item.parentPath, item.name) } : undefined;
}

function kindBehindLink(real: string, path: string, above: readonly string[]): Kind {
  try {
    const target = findWithin(real, path);
    if (target === undefined) return undefined;
    const status = statSync(target);
    if (status.isFile()) return "file";
    if (!status.isDirectory()) return undefined;
    return above.includes(target) ? "left out" : { folder: target };
  } catch (error) {
    if (!isSecretsError(error)) throw error;
    return "left out";
  }
}

function childrenOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    throw accessError(directory, error);
  }
}
