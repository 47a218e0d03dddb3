import { dirname, join } from "node:path";
import { IntegrityError, quote, UnavailableError } from "../errors.js";
import { parseGpgId } from "../gpg/gpg-id.js";
import { readIdFile } from "./files.js";
import { requireSignature } from "./signature.js";
import type { PassStore } from "./store.js";

/** Who can read what is written to a folder: the ids of the nearest `.gpg-id` upwards. */
export interface FolderRecipients {
  /** The folder that has the file, `""` for the root of the store. */
  readonly folder: string;
  readonly ids: readonly string[];
}

/**
 * Who a value at this place is encrypted to.
 *
 * @param real - the store's directory without symbolic links
 * @returns `undefined` when no `.gpg-id` is found up to the root
 * @throws UnavailableError when it cannot be read
 * @throws IntegrityError when it names nobody, or lacks the signature it must have
 */
export async function nearestRecipients(
  store: PassStore,
  real: string,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<FolderRecipients | undefined> {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const path = join(folder, ".gpg-id");
    const bytes = readIdFile(real, path);
    if (bytes !== undefined) {
      const file = join(real, path);
      await requireSignature(store, file, bytes, readIdFile(real, `${path}.sig`), signal);
      const ids = parseGpgId(Buffer.from(bytes).toString("utf8"));
      if (ids.length > 0) return { folder: folder === "." ? "" : folder, ids };
      throw new IntegrityError(`${quote(file)} names no recipient`, { hint: "see `git log -- .gpg-id` in the store" });
    }
    if (folder === ".") return undefined;
  }
}

/** The same, for a writer. @throws UnavailableError `not_initialised` when there is none */
export async function requireRecipients(
  store: PassStore,
  real: string,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<FolderRecipients> {
  const nearest = await nearestRecipients(store, real, entry, signal);
  if (nearest !== undefined) return nearest;
  throw new UnavailableError(`cannot write ${quote(entry)}: no \`.gpg-id\` says who may read it`, {
    reason: "not_initialised",
    hint: `run \`pass init KEY\`, or make ${quote(join(real, ".gpg-id"))} with the recipients, one a line`,
  });
}

/** The words for a folder in messages. */
export function placeOf({ folder }: FolderRecipients): string {
  return folder === "" ? "the store" : `the folder ${quote(folder)}`;
}
