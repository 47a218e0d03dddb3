import { realpathSync } from "node:fs";
import { AccessDeniedError, quote } from "../errors.js";

/**
 * Refuses a file that holds the key of a store, for a store that would give it away as a secret. A file that is not there,
 * or cannot be reached, is for its reader to refuse.
 *
 * @param isOwnFile - of the backend's context: takes a path without links
 * @throws AccessDeniedError
 */
export function refuseOwnFile(file: string, isOwnFile: ((real: string) => boolean) | undefined): void {
  if (isOwnFile === undefined) return;
  let real: string;
  try {
    real = realpathSync(file);
  } catch {
    return;
  }
  if (!isOwnFile(real)) return;
  throw new AccessDeniedError(`${quote(file)} is the key of a store of this configuration`, {
    hint: "a key is no secret of another store: correct the path",
  });
}
