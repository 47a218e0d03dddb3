import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { InvalidInputError, quote } from "../errors.js";
import { withLock } from "../files/lock.js";
import { encodeBase64 } from "./encoding.js";
import { forms } from "./grammar.js";
import type { Identity } from "./identity.js";
import { openSigned, signSealed } from "./manifest.js";
import { inFile } from "./open.js";
import { realFile } from "../files/real-file.js";
import { repin } from "./pins.js";
import { expectStore, readPlacePins, wasSeen } from "./place.js";
import type { StorePlace } from "./place.js";
import { commit } from "./update.js";
import { appendWriterEvent } from "./writers.js";

/**
 * Makes an empty store whose only writer is this identity.
 *
 * @param options.name - the writer's name: letters, digits and `._@+-`
 * @param options.replace - also where a store was seen before and is gone
 * @returns the store's id, base64
 * @throws InvalidInputError when there is a file already, or a store was here before
 */
export async function createStore(
  place: StorePlace,
  identity: Identity,
  options: { readonly name: string; readonly replace?: boolean },
): Promise<string> {
  if (!forms.name.accepts(options.name)) {
    throw new InvalidInputError(`${quote(options.name)} is not a keyholder's name: ${forms.name.expectation}`);
  }
  return withLock(realFile(place.file), async () => {
    if (existsSync(place.file)) throw new InvalidInputError(`${quote(place.file)} exists already`);
    const pinned = wasSeen(readPlacePins(place));
    if (pinned && options.replace !== true) {
      throw new InvalidInputError(`a sealed store was at ${quote(place.file)} before and is gone`, {
        hint: "restore it from version control or a backup, or run `mxm-secrets init --force` to begin a new one",
      });
    }
    const key = identity.writerKey();
    const storeId = encodeBase64(randomBytes(16));
    const change = { action: "add", key: key.publicKey, name: options.name } as const;
    const writers = appendWriterEvent({ storeId, writers: [] }, change, key);
    const contents = { storeId, generation: 1, writers, compartments: [], recipients: [], secrets: [] };
    // This user's own store is known before it can be seen, whichever others were.
    await expectStore(place, storeId);
    if (pinned) await inFile(place.file, () => repin(openSigned(signSealed(contents, key)), place));
    await commit(place, contents, key);
    return storeId;
  });
}
