import { quote } from "../errors.js";
import { decryptManyWithGpg } from "../gpg/decrypt-many.js";
import type { DecryptionHints } from "../gpg/failures.js";
import { valueOfBody } from "../password-store/body.js";
import { readEntry, realRoot } from "./files.js";
import type { PassStore } from "./store.js";

/** How each state of an entry is mended. */
export const hints: DecryptionHints = {
  damaged: "restore it from the store's git history: `git log -- FILE`, then `git checkout COMMIT -- FILE`",
  plain: "somebody put plain text into the store: change the value at its source, then store it with `pass insert`",
  passphrase: "store it again with `pass insert`, so that it is encrypted for the folder's recipients",
  notOurs: "a holder of the store adds this machine's key to the folder: `pass init --path=FOLDER KEY KEY`",
  unlock: "unlock the key first, for instance `export GPG_TTY=$(tty)` and `pass show` once in a terminal",
};

/** The longest value, and the newline after it. */
const maximumBodyBytes = 16 * 1024 * 1024 + 1;

/**
 * The values of several entries, each by its name; one that is not there is left out.
 *
 * @throws UnavailableError `not_initialised` when there is no store
 * @throws LockedError, IntegrityError, UnavailableError for one of the entries; then no value is returned
 */
export async function readValues(
  store: PassStore,
  entries: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const real = realRoot(store.root);
  const present = entries.flatMap((entry) => {
    const ciphertext = readEntry(real, entry);
    if (ciphertext === undefined) return [];
    return [{ entry, ciphertext, subject: { value: quote(entry), file: `the file of ${quote(entry)}` } }];
  });
  const bodies = await decryptManyWithGpg(store.gpg, present, { hints, maximumBytes: maximumBodyBytes, signal });
  return new Map(present.map(({ entry }, index) => [entry, valueOfBody(bodies[index] ?? new Uint8Array())]));
}
