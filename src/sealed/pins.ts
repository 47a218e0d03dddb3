import { IntegrityError, quote, UnavailableError } from "../errors.js";
import type { SignedLayout } from "./manifest.js";
import { makePinDirectory, readStorePin, storePinFile, writeStorePin } from "./pin-files.js";
import type { StorePin } from "./pin-files.js";
import { isRecorded, readPlacePins, recordPlace, requireKnownPlace, trustHint } from "./place.js";
import type { PlacePins, StorePlace } from "./place.js";
import type { SealedHead } from "./records.js";
import { replayWriters, writerLogFingerprints, writerLogHash } from "./writers.js";
import type { WriterLog, Writers } from "./writers.js";

/** The environment variable with the fingerprint of the writers, for machines without state. */
export const writersVariable = "MXM_SECRETS_WRITERS";

export type { StorePlace } from "./place.js";

/** A store that this user may trust: signed by a writer of the pinned log, and not older than what was seen. */
export interface AdmittedStore extends SignedLayout {
  readonly writers: Writers;
}

/**
 * Compares a signed file with what was seen before, and records what is new. The first store seen in a
 * project is trusted; from then on no other store takes its place, its log of writers may only grow by events its own
 * writers signed, and its generation may not fall.
 *
 * @throws IntegrityError when the file is another store, forks the log, is older, or was not signed by a writer
 * @throws UnavailableError when what is new cannot be recorded and no fingerprint takes its place
 */
export async function admit(layout: SignedLayout, place: StorePlace): Promise<AdmittedStore> {
  const { head } = layout;
  const { places, pin, hash } = requirePinnedLog(head, place);
  const writers = replayWriters(head, pin?.writers.count);
  if (!writers.has(layout.signer)) {
    throw new IntegrityError(`the file is signed by ${quote(layout.signer)}, which is not a writer`, {
      hint: "restore the file from version control; a writer must make the change",
    });
  }
  requireGeneration(head, pin, place);
  const seen = { storeId: head.storeId, generation: head.generation, writers: { count: head.writers.length, hash } };
  const known = places !== undefined && isRecorded(places, head.storeId);
  if (!known || pin === undefined || isNewer(seen, pin)) await record(place, seen, known);
  return { ...layout, writers };
}

/**
 * Records the present file as the one to trust, whatever was seen before. Call it only when a person said so.
 *
 * @throws IntegrityError when the file's own log of writers does not hold or its signer is no writer
 */
export async function repin(layout: SignedLayout, place: StorePlace): Promise<void> {
  const { head } = layout;
  if (!replayWriters(head).has(layout.signer)) {
    throw new IntegrityError(`the file is signed by ${quote(layout.signer)}, which is not a writer`);
  }
  const seen = { count: head.writers.length, hash: writerLogHash(head) };
  const pin: StorePin = { storeId: head.storeId, generation: head.generation, writers: seen };
  await underPinLock(place, head.storeId, () => writeStorePin(place.stateDirectory, pin));
  await recordPlace(place, head.storeId, { replace: true });
}

/** Another process may have seen more in the meantime: the pin under the lock decides, and never falls. */
async function record(place: StorePlace, seen: StorePin, known: boolean): Promise<void> {
  try {
    if (!known) await recordPlace(place, seen.storeId, { replace: place.fingerprint !== undefined });
    await underPinLock(place, seen.storeId, () => {
      const current = readStorePin(place.stateDirectory, seen.storeId);
      if (current === undefined || isNewer(seen, current)) {
        const { generation, writers } = current ?? seen;
        writeStorePin(place.stateDirectory, {
          ...seen,
          generation: Math.max(generation, seen.generation),
          writers: writers.count > seen.writers.count ? writers : seen.writers,
        });
      }
    });
  } catch (error) {
    forgiveStateless(place, error);
  }
}

/**
 * Proves that the next state of a store can be recorded, while nothing has changed yet: a write that is refused must not
 * have happened.
 *
 * @throws UnavailableError when it cannot and no fingerprint takes its place
 */
export async function requireRecordable(place: StorePlace, storeId: string): Promise<void> {
  try {
    await underPinLock(place, storeId, () => {
      const current = readStorePin(place.stateDirectory, storeId);
      if (current !== undefined) writeStorePin(place.stateDirectory, current);
    });
  } catch (error) {
    forgiveStateless(place, error);
  }
}

function unlessStateless<T>(place: StorePlace, read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    forgiveStateless(place, error);
    return undefined;
  }
}

/** A machine that was given the fingerprint of the writers needs no state; any other fault is thrown on. */
function forgiveStateless(place: StorePlace, error: unknown): void {
  if (!(error instanceof UnavailableError)) throw error;
  if (place.fingerprint !== undefined) return;
  throw new UnavailableError(`cannot keep what was seen of the sealed store: ${error.message}`, {
    cause: error,
    hint: `${error.hint ?? "make the state directory readable and writable"}, or set ${writersVariable} to the fingerprint that \`mxm-secrets keys list\` prints`,
  });
}

async function underPinLock(place: StorePlace, storeId: string, work: () => void): Promise<void> {
  const file = storePinFile(place.stateDirectory, storeId);
  makePinDirectory(place.stateDirectory);
  // A read of what was seen before records nothing.
  const { withLock } = await import("../files/lock.js");
  await withLock(file, work);
}

function isNewer(seen: StorePin, pin: StorePin): boolean {
  return seen.generation > pin.generation || seen.writers.count > pin.writers.count;
}

/**
 * Compares a head with what was seen before and records nothing.
 *
 * @throws IntegrityError when it is another store, forks the log of writers, or is older
 */
export function requirePinned(head: WriterLog & Pick<SealedHead, "generation">, place: StorePlace): void {
  requireGeneration(head, requirePinnedLog(head, place).pin, place);
}

function requirePinnedLog(
  head: WriterLog,
  place: StorePlace,
): {
  readonly places: PlacePins | undefined;
  readonly pin: StorePin | undefined;
  readonly hash: string;
} {
  const hash = writerLogHash(head);
  const remembered = unlessStateless(place, () => ({
    places: readPlacePins(place),
    pin: readStorePin(place.stateDirectory, head.storeId),
  }));
  // The fingerprint covers the store's id and came by a way of its own: it says more than where the store was seen.
  if (place.fingerprint !== undefined) requireFingerprint(head, place.fingerprint);
  else if (remembered !== undefined) requireKnownPlace(remembered.places, head.storeId, place);
  if (remembered?.pin !== undefined) requireExtension(head, remembered.pin, hash, place);
  return { places: remembered?.places, pin: remembered?.pin, hash };
}

function requireGeneration(
  { generation }: Pick<SealedHead, "generation">,
  pin: StorePin | undefined,
  place: StorePlace,
): void {
  if (pin === undefined || generation >= pin.generation) return;
  throw new IntegrityError(
    `an older file was put back: generation ${generation}, while ${pin.generation} was seen before`,
    { hint: trustHint(place) },
  );
}

function requireExtension(head: WriterLog, pin: StorePin, hash: string, place: StorePlace): void {
  const { count } = pin.writers;
  const prefix = count === head.writers.length ? hash : writerLogHash(head, count);
  if (count > head.writers.length || prefix !== pin.writers.hash) {
    throw new IntegrityError("the list of writers is not a continuation of the one seen before", {
      hint: trustHint(place),
    });
  }
}

function requireFingerprint(head: WriterLog, fingerprint: string): void {
  for (const known of writerLogFingerprints(head)) if (known === fingerprint) return;
  throw new IntegrityError(`the list of writers does not match the fingerprint in ${writersVariable}`, {
    hint: "compare it with what `mxm-secrets keys list` prints on a machine you trust",
  });
}
