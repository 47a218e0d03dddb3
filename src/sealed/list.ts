import { parseSealed } from "./format.js";
import { describeContents } from "./describe.js";
import type { StoreDescription } from "./describe.js";
import type { SignedLayout } from "./manifest.js";
import { inFile, openStore } from "./open.js";
import type { StorePlace } from "./pins.js";

/** Every path in the store, sorted by bytes. @throws IntegrityError when a line is not valid */
export async function listPaths(store: SignedLayout, file: string): Promise<readonly string[]> {
  const { contents } = await inFile(file, () => parseSealed(store.bytes));
  return contents.secrets.map((record) => record.path);
}

/** When the values at these paths were written, in milliseconds since the epoch; a path without a value is left out. */
export async function timesOfChange(
  store: SignedLayout,
  file: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { contents } = await inFile(file, () => parseSealed(store.bytes));
  const wanted = new Set(paths);
  const records = contents.secrets.filter(({ path }) => wanted.has(path));
  return new Map(records.map(({ path, updated }) => [path, Date.parse(updated)]));
}

/** What may be told about the store at a place; it is pinned when it is seen for the first time. */
export async function describeStore(place: StorePlace): Promise<StoreDescription> {
  const store = await openStore(place);
  return inFile(place.file, () => describeContents(parseSealed(store.bytes).contents));
}
