import { IntegrityError, isSecretsError } from "../errors.js";
import { fernetKeysIn } from "../fernet/key.js";
import { readOlder } from "../fernet/store.js";
import { parseIdentityFile } from "../sealed/identity-file.js";
import type { Identity } from "../sealed/identity.js";
import { describeStore } from "../sealed/list.js";
import { isOlderFile } from "../sealed/older-format.js";
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
