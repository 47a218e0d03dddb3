import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidInputError, LockedError, quote, UnsupportedError } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { GrantedAccess } from "../domain/grant.js";
import { valuesIn, withoutValue, withValue } from "../fernet/document.js";
import type { OlderDocument } from "../fernet/document.js";
import { fernetKeysIn } from "../fernet/key.js";
import type { FernetKey } from "../fernet/key.js";
import { byOlderName, collidingNames, olderName } from "../fernet/names.js";
import { readOlder, replaceOlder } from "../fernet/store.js";
import type { OpenedOlder } from "../fernet/store.js";
import { removeLeftovers } from "../files/leftovers.js";
import { withLock } from "../files/lock.js";
import { refuseTrackedKey } from "../age/key-load.js";
import type { KeyText } from "../age/key-load.js";
import { isOlderFile } from "../sealed/older-format.js";
import { realFile } from "../files/real-file.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import type { SealedLocation } from "./sealed.js";
import { recordOlderPlace, requireOlderPlace } from "./sealed-older-place.js";

/** Somebody moved the store to the sealed format between one look at it and the next. */
export class SealedMeanwhileError extends UnsupportedError {}

type OlderBackend = Required<Pick<Backend, "write" | "delete" | "list" | "changed">> & {
  readonly readMany: (
    accesses: readonly GrantedAccess[],
    call: BackendCall,
  ) => Promise<readonly (Buffer | undefined)[]>;
};

/** A store that is in the older format: one Fernet token under the key that `key:` gives. */
export function olderBackend(location: SealedLocation, context: BackendContext): OlderBackend {
  const { place } = location;
  const configured = (): readonly string[] => context.pathsIn?.(place.name ?? "") ?? [];

  const change = async (
    access: GrantedAccess,
    call: BackendCall,
    edit: (document: OlderDocument) => OlderDocument | undefined,
  ): Promise<boolean> => {
    requireOnePlaceEach([access.path], configured());
    const file = realFile(place.file);
    return withLock(
      file,
      async () => {
        const { document, key } = await openOlderStore(location, call);
        const changed = edit(document);
        if (changed === undefined) return false;
        removeLeftovers(file);
        replaceOlder(place.file, changed, key, { now: context.now() });
        return true;
      },
      { signal: call.signal },
    );
  };

  return {
    readMany: async (accesses, call) => {
      const paths = accesses.map(({ path }) => path);
      requireOnePlaceEach(paths, configured());
      const { document } = await openOlderStore(location, call);
      return valuesIn(document, paths);
    },
    write: async (grant, value, call) => {
      const access = grantedAccess(grant, "write");
      await change(access, call, (document) => withValue(document, access.path, value));
    },
    delete: async (grant, call) => {
      const access = grantedAccess(grant, "write");
      return change(access, call, (document) => withoutValue(document, access.path));
    },
    list: async (call) => {
      refuseTrackedKey(location.key, context.baseDirectory);
      const { document } = await openOlderStore(location, call);
      return document.map(({ name }) => name).toSorted();
    },
    changed: async (paths, call) => {
      // The one time there is, is that of the whole file.
      const { document } = await openOlderStore(location, call);
      const names = byOlderName(document, ({ name }) => name);
      return new Map(paths.filter((path) => names.has(olderName(path))).map((path) => [path, undefined]));
    },
  };
}

/**
 * Opens the store with the key of its location, and remembers that it is here.
 *
 * @throws SealedMeanwhileError when it is not in the older format any more
 * @throws IntegrityError when a sealed store is expected here, or the file does not open with the key
 * @throws LockedError when there is no key of this format
 */
export async function openOlderStore(location: SealedLocation, call: BackendCall): Promise<OpenedOlder> {
  const { place } = location;
  if (!isOlderFile(place.file)) throw new SealedMeanwhileError(`${quote(place.file)} has changed its format`);
  const warn = (line: string): void => call.warn?.(line);
  requireOlderPlace(place, warn);
  refuseMissingKey(location);
  const opened = readOlder(place.file, requireFernetKeys(await location.keyText(call)));
  await recordOlderPlace(place, warn);
  return opened;
}

/** @throws LockedError when the file of the key is not there */
function refuseMissingKey({ key, place }: SealedLocation): void {
  if (key.kind !== "file") return;
  const file = resolve(place.origin ?? "", key.file);
  if (existsSync(file)) return;
  throw new LockedError(`the key ${quote(file)} of the store ${quote(place.file)} is missing`, {
    hint: "restore it from a backup; when it is lost, move the store away, make a new one with `mxm-secrets init --force`, and enter the values again",
  });
}

/** @throws LockedError when the text has no key of the older format */
export function requireFernetKeys({ text, name }: KeyText): readonly FernetKey[] {
  const keys = fernetKeysIn(text);
  if (keys.length > 0) return keys;
  throw new LockedError(`${quote(name)} holds no key of the older format, which the store is in`, {
    hint: "expected 32 bytes as 44 characters of base64 or 64 hex digits; restore the key from a backup",
  });
}

/** @throws InvalidInputError when one of the paths and another one are the same name in the older format */
function requireOnePlaceEach(paths: readonly string[], others: readonly string[]): void {
  const wanted = new Set(paths);
  const group = collidingNames([...paths, ...others]).find((names) => names.some((name) => wanted.has(name)));
  if (group === undefined) return;
  const [one = "", other = ""] = group;
  throw new InvalidInputError(
    `${quote(one)} and ${quote(other)} are one name, ${quote(olderName(one))}, in the older format`,
    { hint: "give one of them another path in the configuration, or run `mxm-secrets migrate`" },
  );
}
