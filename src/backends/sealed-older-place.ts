import { hash } from "node:crypto";
import { IntegrityError, quote, UnavailableError } from "../errors.js";
import { realFile } from "../files/real-file.js";
import { writersVariable } from "../sealed/pins.js";
import { isRecorded, readPlacePins, recordPlace, requireKnownPlace, trustHint } from "../sealed/place.js";
import type { StorePlace } from "../sealed/place.js";

/**
 * What stands for a store in the older format among the stores seen: the file itself has no id. 16 bytes, base64, of a
 * hash over its path.
 */
export function olderStoreId({ file }: StorePlace): string {
  const digest = hash("sha256", `mxm-secrets/older format\0${realFile(file)}`, "buffer");
  return digest.subarray(0, 16).toString("base64");
}

/**
 * Nobody signs a file in the older format, so it must not take the place of one that somebody did.
 *
 * @param warn - told when what was seen before cannot be read: then a file that was replaced goes unnoticed
 * @throws IntegrityError when a sealed store was seen here before, or its writers are known by their fingerprint
 */
export function requireOlderPlace(place: StorePlace, warn: (line: string) => void): void {
  if (place.fingerprint !== undefined) {
    const fault = `is in the older format, which nobody signs, and ${writersVariable} is set`;
    throw new IntegrityError(`the store ${quote(place.file)} ${fault}`, {
      hint: `restore the sealed store from version control; unset ${writersVariable} only when the older format is meant`,
    });
  }
  unlessUnknowable(warn, () => {
    const pins = readPlacePins(place);
    const id = olderStoreId(place);
    if (pins.paths.some(({ storeId, next }) => storeId !== undefined && storeId !== id && next !== id)) {
      const fault = "it is in the older format, which nobody signs, and a sealed store was here before";
      throw new IntegrityError(`the store ${quote(place.file)}: ${fault}`, {
        hint: trustHint(place),
      });
    }
    requireKnownPlace(pins, id, place);
  });
}

/** Remembers that a store in the older format is here. To be called when it was opened with the key. */
export async function recordOlderPlace(
  place: StorePlace,
  warn: (line: string) => void,
  options: { readonly replace: boolean } = { replace: false },
): Promise<void> {
  const id = olderStoreId(place);
  try {
    if (options.replace || !isRecorded(readPlacePins(place), id)) await recordPlace(place, id, options);
  } catch (error) {
    unlessUnknowable(warn, () => {
      throw error;
    });
  }
}

function unlessUnknowable(warn: (line: string) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    warn(`cannot keep what was seen of the store, so that one put in its place goes unnoticed: ${error.message}`);
  }
}
