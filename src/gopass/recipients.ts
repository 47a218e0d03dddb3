import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { quote, UnavailableError } from "../errors.js";
import { parseGpgId } from "../gpg/gpg-id.js";
import { parseFileRecipients } from "../gpg/openpgp.js";
import type { FileRecipients } from "../gpg/openpgp.js";

/** Where an entry lies: the checkout it belongs to (the root store or a mount) and its path in there. */
export interface EntryLocation {
  readonly directory: string;
  readonly relative: string;
}

/**
 * @param settings - what `gopass config` says: `mounts.path`, and `mounts.NAME.path` for each mount
 * @returns the location in the mount with the longest matching name, or `undefined` when gopass names no directory
 */
export function locateEntry(settings: ReadonlyMap<string, string>, entry: string): EntryLocation | undefined {
  let best: { readonly mount: string; readonly directory: string } | undefined;
  for (const [key, directory] of settings) {
    const mount = key === "mounts.path" ? "" : /^mounts\.(.+)\.path$/.exec(key)?.[1];
    if (mount === undefined || (mount !== "" && !entry.startsWith(`${mount}/`))) continue;
    if (best === undefined || mount.length > best.mount.length) best = { mount, directory };
  }
  if (best === undefined) return undefined;
  return { directory: best.directory, relative: best.mount === "" ? entry : entry.slice(best.mount.length + 1) };
}

/** The recipients of the nearest `.gpg-id` upwards. */
export interface FolderRecipients {
  /** The folder in the checkout that has the file, `""` for its root. */
  readonly folder: string;
  /** Fingerprints, key ids or addresses, as written there. */
  readonly ids: readonly string[];
}

/**
 * Who a new value at this place is encrypted for.
 *
 * @returns `undefined` when no `.gpg-id` is found up to the checkout's root
 * @throws UnavailableError when one is there and cannot be read
 */
export function folderRecipients({ directory, relative }: EntryLocation): FolderRecipients | undefined {
  for (let folder = dirname(relative); ; folder = dirname(folder)) {
    const text = readIfThere(join(directory, folder, ".gpg-id"));
    if (text !== undefined) return { folder: folder === "." ? "" : folder, ids: parseGpgId(text) };
    if (folder === ".") return undefined;
  }
}

/** Reads {@link FileRecipients} off an entry's file without decrypting it. */
export function fileRecipients({ directory, relative }: EntryLocation): FileRecipients {
  const head = Buffer.alloc(64 * 1024);
  let descriptor: number;
  try {
    descriptor = openSync(`${join(directory, relative)}.gpg`, "r");
  } catch {
    // Whatever keeps this process from the file is reported by gopass when the entry is read.
    return { kind: "unknown" };
  }
  try {
    return parseFileRecipients(head.subarray(0, readSync(descriptor, head)));
  } catch {
    return { kind: "unknown" };
  } finally {
    closeSync(descriptor);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    throw new UnavailableError(`cannot read the recipients in ${quote(basename(file))}`, { cause: error });
  }
}
