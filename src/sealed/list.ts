import { parseSealed } from "./format.js";
import type { SignedLayout } from "./manifest.js";
import { inFile } from "./open.js";

/** Every path in the store, sorted by bytes. @throws IntegrityError when a line is not valid */
export async function listPaths(store: SignedLayout, file: string): Promise<readonly string[]> {
  const { contents } = await inFile(file, () => parseSealed(store.bytes));
  return contents.secrets.map((record) => record.path);
}
