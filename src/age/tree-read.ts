import { LockedError, quote, throwIfCancelled } from "../errors.js";
import { damaged, openAge, parseAge, requireValue } from "./decrypt.js";
import { scryptType } from "./stanza-types.js";
import { entryFile, readEntry, realRoot } from "./tree.js";
import type { Unlocking } from "./tree-keys.js";

/**
 * The values of entries, in the order asked. Each file is read once, one after the other; the key is loaded when the first
 * of them is there.
 *
 * @returns `undefined` for an entry that is not there
 * @throws LockedError, IntegrityError, UnavailableError, each naming the file
 */
export async function readTree(
  directory: string,
  paths: readonly string[],
  keys: Unlocking,
  signal: AbortSignal | undefined,
): Promise<readonly (Buffer | undefined)[]> {
  throwIfCancelled(signal);
  if (paths.length === 0) return [];
  const root = realRoot(directory);
  const values = new Map<string, Buffer | undefined>();
  for (const path of paths) {
    if (values.has(path)) continue;
    const file = readEntry(root, path);
    values.set(path, file === undefined ? undefined : await open(file, entryFile(root, path), keys));
    throwIfCancelled(signal);
  }
  return paths.map((path) => values.get(path));
}

async function open(bytes: Buffer, name: string, keys: Unlocking): Promise<Buffer> {
  const file = parseAge(bytes);
  if ("why" in file) throw damaged(name, file.why);
  if (file.kinds.includes(scryptType)) {
    const outcome = await openAge(file, [await keys.passphrase()]);
    if (outcome.kind !== "not_for_these") return requireValue(outcome, name);
    throw new LockedError(`cannot decrypt ${quote(name)}: it does not open with this passphrase`, {
      hint: "check the passphrase; if it is right, the file is damaged",
    });
  }
  const identities = await keys.identities();
  if (identities.length > 0) return requireValue(await openAge(file, identities), name);
  throw new LockedError(`cannot decrypt ${quote(name)}: the store has no \`key:\``, {
    hint: "give the identity file, such as `key: key.txt`, in the configuration",
  });
}
