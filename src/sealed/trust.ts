import { IntegrityError } from "../errors.js";
import { parseSealed } from "./format.js";
import { describeContents } from "./describe.js";
import type { StoreDescription } from "./describe.js";
import type { SignedLayout } from "./manifest.js";
import { inFile, openUnpinned } from "./open.js";
import { readStorePin } from "./pin-files.js";
import type { StorePin } from "./pin-files.js";
import { repin } from "./pins.js";
import { readPlacePins } from "./place.js";
import type { PlacePins, StorePlace } from "./place.js";

/** What was seen before, and what the file says now, for a person to compare. */
export interface PinComparison {
  /** The store seen at this path, base64; `undefined` when none was. */
  readonly seenStoreId: string | undefined;
  /** The stores seen where the configuration is, base64. */
  readonly originStoreIds: readonly string[];
  /** What was seen of the store that the file is now; `undefined` when it is new. */
  readonly seen: StorePin | undefined;
  /** What is wrong with the records of all this, when they are damaged: they are taken as empty then. */
  readonly damage: string | undefined;
  readonly present: StoreDescription;
  /** The bytes that `present` describes, for {@link trustPresent}. */
  readonly shown: SignedLayout;
}

/**
 * Compares the present file with what was seen before. Changes nothing.
 *
 * @throws IntegrityError when the file's own signature does not hold: such a file cannot be trusted on purpose either
 */
export async function comparePins(place: StorePlace): Promise<PinComparison> {
  const shown = await openUnpinned(place);
  const present = await inFile(place.file, () => describeContents(parseSealed(shown.bytes).contents));
  return { ...remembered(place, present.storeId), present, shown };
}

function remembered(
  place: StorePlace,
  storeId: string,
): Pick<PinComparison, "seenStoreId" | "originStoreIds" | "seen" | "damage"> {
  try {
    const { paths, origin } = readPlacePins(place);
    const seen = readStorePin(place.stateDirectory, storeId);
    return { seenStoreId: seenAt(paths, storeId), originStoreIds: origin?.storeIds ?? [], seen, damage: undefined };
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    return { seenStoreId: undefined, originStoreIds: [], seen: undefined, damage: error.message };
  }
}

/** Of two stores seen, one by the path as written and one by what it resolves to, the one that the file is not now. */
function seenAt(paths: PlacePins["paths"], storeId: string): string | undefined {
  const ids = paths.flatMap((pin) => (pin.storeId === undefined ? [] : [pin.storeId]));
  return ids.find((id) => id !== storeId) ?? ids[0];
}

/**
 * Accepts on purpose the file that was shown: the store, its writers and its generation, whatever was seen before.
 *
 * @param shown - from {@link comparePins}
 * @throws IntegrityError when the file is another one by now
 */
export async function trustPresent(place: StorePlace, shown: SignedLayout): Promise<void> {
  await inFile(place.file, async () => {
    const { bytes } = await openUnpinned(place);
    if (!bytes.equals(shown.bytes)) {
      throw new IntegrityError("the file changed while it was shown; nothing was accepted", {
        hint: "look at it again: run `mxm-secrets trust --store NAME` once more",
      });
    }
    await repin(shown, place);
  });
}
