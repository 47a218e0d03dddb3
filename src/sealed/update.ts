import { statSync } from "node:fs";
import { AccessDeniedError, quote } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import type { WriterKey } from "./ed25519.js";
import { parseSealed } from "./format.js";
import type { Identity } from "./identity.js";
import { openSigned, signSealed } from "./manifest.js";
import { inFile, openStore } from "./open.js";
import { realFile } from "../files/real-file.js";
import { admit, requireRecordable } from "./pins.js";
import type { StorePlace } from "./pins.js";
import type { SealedContents } from "./records.js";
import type { Writers } from "./writers.js";

/** Who makes a change: an identity, its signing key, and its name in the log of writers. */
export interface Author {
  readonly identity: Identity;
  readonly key: WriterKey;
  readonly name: string;
}

/** The contents after a change and what the caller gets; `contents` is `undefined` when nothing is to be written. */
export interface Change<T> {
  readonly contents: SealedContents | undefined;
  /** Who signs it, when that is not the author: a writer after the change. */
  readonly signer?: WriterKey | undefined;
  readonly result: T;
}

/**
 * Changes a store: under its lock, on what is in the file at that moment, signed by the first identity that is a
 * writer. Resolves only when the new file is durable; a process that is killed leaves the old file or the new one.
 *
 * @throws AccessDeniedError when none of the identities is a writer, naming those who are
 */
export async function updateStore<T>(
  place: StorePlace,
  identities: readonly Identity[],
  change: (contents: SealedContents, author: Author) => Promise<Change<T>> | Change<T>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  return withLock(
    realFile(place.file),
    async () => {
      const store = await openStore(place);
      const { contents } = await inFile(place.file, () => parseSealed(store.bytes));
      const author = requireAuthor(identities, store.writers);
      const changed = await inFile(place.file, () => change(contents, author));
      if (changed.contents !== undefined) {
        await commit(place, { ...changed.contents, generation: contents.generation + 1 }, changed.signer ?? author.key);
      }
      return changed.result;
    },
    { signal: options.signal },
  );
}

/** Signs, writes and records a new state of the file. The caller holds the lock. */
export async function commit(place: StorePlace, contents: SealedContents, key: WriterKey): Promise<void> {
  const bytes = signSealed(contents, key);
  const layout = openSigned(bytes);
  // A file that nobody could read again must never replace one that can be read.
  parseSealed(bytes);
  await requireRecordable(place, contents.storeId);
  removeLeftovers(realFile(place.file));
  writeFileAtomically(place.file, bytes, { mode: modeOf(place.file) });
  await admit(layout, place);
}

/** @throws AccessDeniedError when none of the identities may sign */
export function requireAuthor(identities: readonly Identity[], writers: Writers): Author {
  const keys = identities.map((identity) => ({ identity, key: identity.writerKey() }));
  for (const { identity, key } of keys) {
    const name = writers.get(key.publicKey);
    if (name !== undefined) return { identity, key, name };
  }
  const names = [...writers.values()].map(quote).join(", ");
  const own = keys.map(({ key }) => key.publicKey).join(", ");
  throw new AccessDeniedError(`this key may not change the sealed store: ${own} is not a writer`, {
    hint: `the writers are ${names}; one of them can run \`mxm-secrets keys add --write\` with your public key`,
  });
}

/** The file is meant to be committed: readable as the user's other files are, unless somebody made it narrower. */
export function modeOf(file: string): number {
  const status = statSync(file, { throwIfNoEntry: false });
  return status === undefined ? 0o644 & ~process.umask() : status.mode & 0o777;
}
