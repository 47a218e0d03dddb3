import { join } from "node:path";
import { throwIfCancelled } from "../errors.js";
import { withLock } from "../files/lock.js";
import { encryptAge } from "./encrypt.js";
import { realRoot, removeEntry, writeEntry } from "./tree.js";
import { requireRecipients } from "./tree-recipients.js";

/** The lock of a tree is beside this name, which begins with a dot so that no entry can have it. */
const lockName = ".mxm-secrets";

/**
 * Encrypts a value to the nearest recipients, in the place of the one before.
 *
 * @throws UnavailableError `not_initialised` when there is no tree, or nothing says who may read it
 * @throws InvalidInputError when the recipients file is faulty
 */
export async function writeTree(
  directory: string,
  path: string,
  value: Uint8Array,
  options: { readonly armored: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await underLock(directory, options.signal, async (root) => {
    const { recipients } = requireRecipients(root, path);
    const file = await encryptAge(value, recipients, options);
    throwIfCancelled(options.signal);
    writeEntry(root, path, file);
  });
}

/** Removes an entry. @returns `false` when there was none @throws as {@link writeTree} does */
export async function deleteFromTree(
  directory: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return underLock(directory, signal, (root) => removeEntry(root, path));
}

async function underLock<T>(
  directory: string,
  signal: AbortSignal | undefined,
  work: (root: string) => Promise<T> | T,
): Promise<T> {
  throwIfCancelled(signal);
  const root = realRoot(directory);
  return withLock(join(root, lockName), () => work(root), { signal });
}
