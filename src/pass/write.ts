import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { quote, throwIfCancelled } from "../errors.js";
import { writeFileAtomically } from "../files/atomic.js";
import { errnoOf, fileError } from "../files/errno.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { makeWithin, requireNoLink } from "../files/within.js";
import { encryptWithGpg } from "../gpg/encrypt.js";
import { listSecretKeys } from "../gpg/keyring.js";
import { bodyOfValue } from "../password-store/body.js";
import { fileOf, readEntry, realRoot } from "./files.js";
import { commitFile } from "./git.js";
import { withoutGroups } from "./groups.js";
import { placeOf, requireRecipients } from "./recipients.js";
import type { PassStore } from "./store.js";

interface ChangeCall {
  readonly signal?: AbortSignal | undefined;
  readonly warn?: ((line: string) => void) | undefined;
}

/**
 * Encrypts a value for the recipients of its folder, puts it in the place of the one before in one step, and commits it
 * when the store is told to.
 *
 * @throws LockedError when a recipient's public key is missing, expired or not trusted: nobody is left out
 * @throws UnavailableError, IntegrityError, UnsupportedError; the entry is then as it was, unless the message says that
 *   it was written
 */
export async function writeEntry(store: PassStore, entry: string, value: Uint8Array, call: ChangeCall): Promise<void> {
  throwIfCancelled(call.signal);
  const real = realRoot(store.root);
  await withStoreLock(real, call.signal, async () => {
    requireNoLink(real, fileOf(entry), entry);
    const recipients = await requireRecipients(store, real, entry, call.signal);
    const ids = await withoutGroups(store.gpg, recipients.ids, call.signal);
    const ciphertext = await encryptWithGpg(store.gpg, bodyOfValue(value), ids, {
      subject: `${quote(entry)} for ${placeOf(recipients)}`,
      signal: call.signal,
    });
    const isReader = (await listSecretKeys(store.gpg, ids, call.signal)).size > 0;
    throwIfCancelled(call.signal);
    const file = join(real, fileOf(entry));
    makeWithin(real, dirname(entry) === "." ? "" : dirname(entry));
    removeLeftovers(file);
    const isNew = readEntry(real, entry) === undefined;
    writeFileAtomically(file, ciphertext, { mode: 0o600 });
    if (!isReader)
      call.warn?.(`no key of this machine is a recipient of ${placeOf(recipients)}: it cannot read ${quote(entry)}`);
    if (!store.commit) return;
    const message = isNew
      ? `Add given password for ${entry} to store.`
      : `Edit password for ${entry} using mxm-secrets.`;
    await commitFile(store, real, file, message, `${quote(entry)} was written`);
  });
}

/**
 * Removes an entry, and the folders that are empty then, as `pass rm` does.
 *
 * @returns `false` when there is no such entry
 */
export async function removeEntry(store: PassStore, entry: string, call: ChangeCall): Promise<boolean> {
  throwIfCancelled(call.signal);
  const real = realRoot(store.root);
  return await withStoreLock(real, call.signal, async () => {
    requireNoLink(real, fileOf(entry), entry);
    const file = join(real, fileOf(entry));
    if (readEntry(real, entry) === undefined) return false;
    try {
      rmSync(file);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      throw fileError("remove", file, error);
    }
    removeEmptyFolders(real, dirname(file));
    if (store.commit) {
      await commitFile(store, real, file, `Remove ${entry} from store.`, `${quote(entry)} was removed`);
    }
    return true;
  });
}

/** One lock for a whole store: git knows only one as well. Its name is hidden, so no program takes it for an entry. */
async function withStoreLock<T>(real: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return await withLock(join(real, ".mxm-secrets"), work, { signal });
}

function removeEmptyFolders(real: string, from: string): void {
  try {
    for (let folder = from; folder !== real && readdirSync(folder).length === 0; folder = dirname(folder)) {
      rmdirSync(folder);
    }
  } catch {
    // Somebody has just put something there, or took the folder away: the entry is gone all the same.
  }
}
