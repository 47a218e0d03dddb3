import { parseSealed } from "./format.js";
import { describeContents } from "./describe.js";
import type { StoreDescription } from "./describe.js";
import { inFile, openUnpinned } from "./open.js";
import { readPathPin, readStorePin, realFile } from "./pin-files.js";
import type { StorePin } from "./pin-files.js";
import { repin } from "./pins.js";
import type { StorePlace } from "./pins.js";

/** What was seen before, and what the file says now, for a person to compare. */
export interface PinComparison {
  /** The store seen at this path, base64; `undefined` when none was. */
  readonly seenStoreId: string | undefined;
  /** What was seen of the store that the file is now; `undefined` when it is new. */
  readonly seen: StorePin | undefined;
  readonly present: StoreDescription;
}

/**
 * Compares the present file with what was seen before. Changes nothing.
 *
 * @throws IntegrityError when the file's own signature does not hold: such a file cannot be trusted on purpose either
 */
export async function comparePins(place: StorePlace): Promise<PinComparison> {
  const { bytes, head } = await openUnpinned(place);
  const present = await inFile(place.file, () => describeContents(parseSealed(bytes).contents));
  return {
    seenStoreId: readPathPin(place.stateDirectory, realFile(place.file))?.storeId,
    seen: readStorePin(place.stateDirectory, head.storeId),
    present,
  };
}

/** Accepts the present file on purpose: the store, its writers and its generation, whatever was seen before. */
export async function trustPresent(place: StorePlace): Promise<void> {
  const layout = await openUnpinned(place);
  await inFile(place.file, async () => await repin(layout, place));
}
