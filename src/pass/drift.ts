import { dirname } from "node:path";
import { quote } from "../errors.js";
import { isMeant, listKeyBlocks } from "../gpg/keyring.js";
import type { KeyBlock } from "../gpg/keyring.js";
import { withoutGroups } from "./groups.js";
import { nearestRecipients, placeOf } from "./recipients.js";
import type { PassStore } from "./store.js";

/** The recipients of a folder with their public keys, as far as they are in this key ring. */
export interface FolderKeys {
  readonly place: string;
  readonly recipients: readonly { readonly id: string; readonly keys: readonly KeyBlock[] }[];
}

/**
 * Asks for the recipients of each folder once, whatever the number of entries in it; `undefined` of a folder that nothing
 * names the recipients of.
 */
export function folderKeys(
  store: PassStore,
  real: string,
  signal: AbortSignal | undefined,
): (entry: string) => Promise<FolderKeys | undefined> {
  const known = new Map<string, Promise<FolderKeys | undefined>>();
  return async (entry) => {
    const folder = dirname(entry);
    const found = known.get(folder) ?? keysOf(store, real, entry, signal);
    known.set(folder, found);
    return await found;
  };
}

async function keysOf(
  store: PassStore,
  real: string,
  entry: string,
  signal: AbortSignal | undefined,
): Promise<FolderKeys | undefined> {
  const folder = await nearestRecipients(store, real, entry, signal);
  if (folder === undefined) return undefined;
  const ids = await withoutGroups(store.gpg, folder.ids, signal);
  const blocks = await listKeyBlocks(store.gpg, ids, signal);
  return {
    place: placeOf(folder),
    recipients: ids.map((id) => ({ id, keys: blocks.filter((block) => isMeant(block, id)) })),
  };
}

/** What `.gpg-id` and the file disagree on, one sentence each: who could read the entry and may not, who may and cannot. */
export function driftOf(
  entry: string,
  keyIds: readonly string[],
  { place, recipients }: FolderKeys,
): readonly string[] {
  const all = recipients.flatMap(({ keys }) => keys);
  const isComplete = recipients.every(({ keys }) => keys.length > 0);
  return [
    ...recipients
      .filter(({ keys }) => keys.length > 0 && !keyIds.some((keyId) => has(keys, keyId)))
      .map(({ id }) => `${quote(entry)} is not encrypted for ${quote(id)}, a recipient of ${place}`),
    // A key that is not here may be the one of a recipient that is not here either.
    ...keyIds
      .filter((keyId) => isComplete && !has(all, keyId))
      .map((keyId) => `${quote(entry)} is encrypted for the key ${quote(keyId)}, which is no recipient of ${place}`),
  ];
}

/**
 * Whether a recipient is this key; `undefined` when that cannot be told, as of an address whose key is not in this key ring.
 *
 * @param fingerprint - the whole one
 */
export function isRecipient({ id, keys }: FolderKeys["recipients"][number], fingerprint: string): boolean | undefined {
  const wanted = fingerprint.toUpperCase();
  if (keys.length > 0) return keys.some(({ fingerprints }) => fingerprints.includes(wanted));
  const hex = /^(?:0x)?([0-9A-F]{8,64})!?$/i.exec(id)?.[1]?.toUpperCase();
  return hex === undefined ? undefined : wanted.endsWith(hex);
}

function has(keys: readonly KeyBlock[], keyId: string): boolean {
  return keys.some(({ fingerprints }) => fingerprints.some((fingerprint) => fingerprint.endsWith(keyId)));
}
