import { resolve } from "node:path";
import { realFile } from "../files/real-file.js";
import { IntegrityError } from "../errors.js";
import {
  makePinDirectory,
  originPinFile,
  pathPinFile,
  readOriginPin,
  readPathPin,
  requireOwnPins,
  writeOriginPin,
  writePathPin,
} from "./pin-files.js";

/** Where a store is, and what this user knows of it. */
export interface StorePlace {
  /** The store file; relative to the working directory or absolute. */
  readonly file: string;
  /** What the configuration calls it, for hints. */
  readonly name?: string | undefined;
  readonly stateDirectory: string;
  /**
   * The directory of the configuration that names the store. What was seen there is remembered, so that a changed
   * configuration or a symbolic link that leads elsewhere does not bring in another store.
   */
  readonly origin?: string | undefined;
  /** What `MXM_SECRETS_WRITERS` holds: the fingerprint of some beginning of the log of writers. */
  readonly fingerprint?: string | undefined;
}

/** What this user saw at a place before: store ids, base64. */
export interface PlacePins {
  /** The path without symbolic links and, where it is another one, the path as it was written. */
  readonly paths: readonly {
    readonly path: string;
    readonly storeId: string | undefined;
    /** What a change of format was about to put there. */
    readonly next?: string | undefined;
  }[];
  readonly origin: { readonly path: string; readonly storeIds: readonly string[] } | undefined;
}

/**
 * @throws IntegrityError when a record is damaged
 * @throws UnavailableError when the records cannot be read, or others can change them
 */
export function readPlacePins({ file, stateDirectory, origin }: StorePlace): PlacePins {
  requireOwnPins(stateDirectory);
  const paths = [...new Set([realFile(file), resolve(file)])];
  const directory = origin === undefined ? undefined : realFile(origin);
  return {
    paths: paths.map((path) => {
      const pin = readPathPin(stateDirectory, path);
      return { path, storeId: pin?.storeId, next: pin?.next };
    }),
    origin:
      directory === undefined
        ? undefined
        : { path: directory, storeIds: readOriginPin(stateDirectory, directory)?.storeIds ?? [] },
  };
}

/** Whether a store was seen at this path, as it is written or as it resolves. */
export function wasSeen({ paths }: PlacePins): boolean {
  return paths.some(({ storeId }) => storeId !== undefined);
}

/** Whether nothing is to be recorded of this store's being here. */
export function isRecorded({ paths, origin }: PlacePins, storeId: string): boolean {
  return paths.every((pin) => pin.storeId === storeId) && (origin === undefined || origin.storeIds.includes(storeId));
}

/** @throws IntegrityError when another store was seen here, or only others where the configuration is */
export function requireKnownPlace({ paths, origin }: PlacePins, storeId: string, place: StorePlace): void {
  if (paths.some((pin) => pin.storeId !== undefined && pin.storeId !== storeId && pin.next !== storeId)) {
    throw new IntegrityError("another store is in the place of the one seen before", { hint: trustHint(place) });
  }
  if (origin === undefined || origin.storeIds.length === 0 || origin.storeIds.includes(storeId)) return;
  throw new IntegrityError(
    "this store is new here, while another was seen before in the directory of the configuration",
    {
      hint: trustHint(place),
    },
  );
}

/** What to do about a store that contradicts what was seen. */
export function trustHint({ name = "NAME" }: StorePlace): string {
  return `if this is meant, run \`mxm-secrets trust --store ${name}\`; otherwise ask who changed the file`;
}

/**
 * Records that a store is here.
 *
 * @param options.replace - also in place of another one, which is then no longer known here
 * @throws IntegrityError when another process saw another store here in the meantime
 */
export async function recordPlace(
  place: StorePlace,
  storeId: string,
  options: { readonly replace: boolean },
): Promise<void> {
  await underPlaceLock(place, () => {
    const pins = options.replace ? readReplaceable(place) : readPlacePins(place);
    if (!options.replace) requireKnownPlace(pins, storeId, place);
    const displaced = new Set(pins.paths.map((pin) => pin.storeId));
    for (const pin of pins.paths) {
      if (pin.storeId !== storeId) writePathPin(place.stateDirectory, { path: pin.path, storeId });
    }
    if (pins.origin === undefined || isRecorded(pins, storeId)) return;
    const others = pins.origin.storeIds.filter((known) => known !== storeId && !displaced.has(known));
    writeOriginPin(place.stateDirectory, { origin: pins.origin.path, storeIds: [...others, storeId] });
  });
}

/** Announces a store that is about to be made, so that it is known where the configuration is. */
export async function expectStore(place: StorePlace, storeId: string): Promise<void> {
  if (place.origin === undefined) return;
  const origin = realFile(place.origin);
  await underPlaceLock(place, () => {
    const known = readOriginPin(place.stateDirectory, origin)?.storeIds ?? [];
    if (known.includes(storeId)) return;
    writeOriginPin(place.stateDirectory, { origin, storeIds: [...known, storeId] });
  });
}

/**
 * Announces that a store will take the place of the one seen here, so that whichever of the two a killed process leaves
 * is known.
 */
export async function expectSuccessor(place: StorePlace, storeId: string): Promise<void> {
  await expectStore(place, storeId);
  await underPlaceLock(place, () => {
    for (const pin of readPlacePins(place).paths) {
      if (pin.storeId === undefined) continue;
      writePathPin(place.stateDirectory, { path: pin.path, storeId: pin.storeId, next: storeId });
    }
  });
}

/** A person who accepts what is here now also gets past a record that is damaged. */
function readReplaceable(place: StorePlace): PlacePins {
  try {
    return readPlacePins(place);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const paths = [...new Set([realFile(place.file), resolve(place.file)])];
    return {
      paths: paths.map((path) => ({ path, storeId: undefined })),
      origin: place.origin === undefined ? undefined : { path: realFile(place.origin), storeIds: [] },
    };
  }
}

async function underPlaceLock({ file, stateDirectory, origin }: StorePlace, work: () => void): Promise<void> {
  const lock =
    origin === undefined
      ? pathPinFile(stateDirectory, realFile(file))
      : originPinFile(stateDirectory, realFile(origin));
  makePinDirectory(stateDirectory);
  // A read of what was seen before records nothing.
  const { withLock } = await import("../files/lock.js");
  await withLock(lock, work);
}
