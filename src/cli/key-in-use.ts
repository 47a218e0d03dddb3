import { IntegrityError, isSecretsError } from "../errors.js";
import { fernetKeysIn } from "../fernet/key.js";
import { readOlder } from "../fernet/store.js";
import { parseIdentityFile } from "../sealed/identity-file.js";
import type { Identity } from "../sealed/identity.js";
import { describeStore } from "../sealed/list.js";
import { isOlderFile } from "../sealed/older-format.js";
import type { NewKey } from "../sealed/new-key.js";
import type { StorePlace } from "../sealed/pins.js";
import type { Arguments } from "./arguments.js";
import type { KeyChange } from "./key-change.js";
import { nameOwnKey } from "./own-keyholder.js";
import type { ConfiguredSealed } from "./sealed-store.js";

/** The identities in the text of a key; none when it is one of the older format. */
export async function identitiesIn(text: string): Promise<readonly Identity[]> {
  try {
    return await parseIdentityFile(text, "the key");
  } catch (error) {
    if (isSecretsError(error) && error.code === "locked") return [];
    throw error;
  }
}

/**
 * The key of the sealed format that an interrupted change was bringing in, which nothing is encrypted to yet.
 *
 * @param isHybrid - a key that is not post-quantum is not what is asked for
 * @returns `undefined` when there is none to go on with
 */
export async function pendingKey({ pending }: KeyChange, isHybrid: boolean): Promise<NewKey | undefined> {
  const [identity] = pending === undefined ? [] : await identitiesIn(pending);
  if (pending === undefined || identity === undefined || (isHybrid && !isHybridKey(identity))) return undefined;
  return { text: pending, identity };
}

/** Whether a key is post-quantum and classic in one. */
export function isHybridKey({ recipient }: Identity): boolean {
  return recipient.startsWith("age1pq1");
}

/**
 * Finishes a change of key that was interrupted after the store was replaced.
 *
 * @returns `false` when there is none to finish: the store is under the key it had
 */
export async function finishInterrupted(args: Arguments, change: KeyChange, store: ConfiguredSealed): Promise<boolean> {
  const { pending, current } = change;
  if (pending === undefined || !(await isInUse(store.place, pending))) return false;
  const [identity] = await identitiesIn(pending);
  if (identity !== undefined) {
    const retired = (await identitiesIn(current)).map(({ recipient }) => recipient);
    await nameOwnKey(args, store.name, retired, identity);
  }
  await change.settle(pending);
  return true;
}

/** Whether the store as it is belongs to this key. */
async function isInUse(place: StorePlace, key: string): Promise<boolean> {
  if (isOlderFile(place.file)) return opens(place.file, key);
  const { writers, compartments } = await describeStore(place);
  const known = new Set([
    ...writers.map((writer) => writer.key),
    ...compartments.flatMap(({ recipients }) => recipients.map(({ recipient }) => recipient)),
  ]);
  const identities = await identitiesIn(key);
  return identities.some((identity) => known.has(identity.recipient) || known.has(identity.writerKey().publicKey));
}

function opens(file: string, key: string): boolean {
  try {
    readOlder(file, fernetKeysIn(key));
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}
