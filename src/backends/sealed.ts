import { dirname, join, resolve } from "node:path";
import { refuseTrackedKey } from "../age/key-load.js";
import type { KeyText } from "../age/key-load.js";
import { loadedOnce } from "../age/loaded-once.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant, GrantedAccess } from "../domain/grant.js";
import { ConfigurationError, InvalidInputError, quote, throwIfCancelled } from "../errors.js";
import { sealedPathDescription, sealedPathFault } from "../sealed/grammar.js";
import type { Identity } from "../sealed/identity.js";
import { parseIdentityFile } from "../sealed/identity-file.js";
import { loadKeyText } from "../sealed/key-load.js";
import { isOlderFile, OlderFormatError, refuseOlderFile } from "../sealed/older-format.js";
import type { KeySource } from "../domain/key-source.js";
import { inFile, openStore } from "../sealed/open.js";
import { writersVariable } from "../sealed/pins.js";
import type { StorePlace } from "../sealed/pins.js";
import { valueReader } from "../sealed/reader.js";
import { maximumValueBytes } from "../sealed/value.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import type { olderBackend } from "./sealed-older.js";
import { againIfReplaced } from "./sealed-replaced.js";
import { optionFault, readKeyOption } from "./options.js";

/** A sealed store as the configuration describes it. */
export interface SealedLocation {
  readonly place: StorePlace;
  readonly key: KeySource;
  /** @returns the identities of the key source @throws LockedError when there is no usable key */
  readonly identities: (call?: BackendCall) => Promise<readonly Identity[]>;
  /** @returns the same before it is looked into @throws LockedError when there is no key */
  readonly keyText: (call?: BackendCall) => Promise<KeyText>;
}

/** The embedded store: one encrypted file, safe to commit (docs/format.md). */
export const sealedBackend = defineBackend({
  kind: "sealed",
  description: "one encrypted file, safe to commit; needs no other program",
  options: {
    path: { type: "file", default: "secrets.enc", description: "the store file, `secrets.enc` by default" },
    key: {
      type: "key",
      default: ".key",
      description: "where the private key comes from, `.key` beside the store file by default",
    },
  },
  paths: { description: sealedPathDescription, fault: sealedPathFault },
  maximumValueBytes,
  can: { write: true, delete: true, list: true },
  enforcement: "cryptographic",
  presentEnforcement: (store, context) =>
    isOlderFile(sealedLocation(store, context).place.file) ? "advisory" : "cryptographic",
  open: (store, context) => openSealed(sealedLocation(store, context), context),
});

/**
 * Where a configured sealed store and its key are. Touches nothing.
 *
 * @throws ConfigurationError when the options are not what a sealed store takes
 */
export function sealedLocation(
  store: { readonly name: string; readonly options: Readonly<Record<string, unknown>> },
  context: BackendContext,
): SealedLocation {
  const { path: storePath = "secrets.enc", key } = store.options;
  if (typeof storePath !== "string" || storePath === "" || storePath.includes("\0")) {
    throw optionFault(store.name, "path", "expected the path of a file");
  }
  const file = resolve(context.baseDirectory, storePath);
  const source = readKeyOption(store.name, key ?? join(dirname(file), ".key"));
  const place: StorePlace = {
    file,
    stateDirectory: context.stateDirectory,
    name: store.name,
    origin: context.baseDirectory,
    fingerprint: expectedWriters(context.environment),
  };
  const load = async (call?: BackendCall): Promise<KeyText> =>
    loadKeyText(source, { ...context, storeFile: file, signal: call?.signal });
  const repeatable = source.kind === "file" && source.passphrase === undefined;
  const keyText = repeatable ? load : loadedOnce(load);
  const identities = async (call?: BackendCall): Promise<readonly Identity[]> => {
    const { text, name } = await keyText(call);
    return parseIdentityFile(text, name);
  };
  return { place, key: source, identities, keyText };
}

/** An empty variable is a pin that somebody meant to set: it must not count as none. */
function expectedWriters(environment: BackendContext["environment"]): string | undefined {
  const fingerprint = environment[writersVariable];
  if (fingerprint === undefined || fingerprint.trim() !== "") return fingerprint;
  throw new ConfigurationError(`${writersVariable} is set and empty`, [], {
    hint: "set it to the fingerprint that `mxm-secrets keys list` prints, or unset it",
  });
}

function openSealed(location: SealedLocation, context: BackendContext): Backend {
  const { place } = location;

  const readAll = async (
    accesses: readonly GrantedAccess[],
    call: BackendCall,
  ): Promise<readonly (Buffer | undefined)[]> => {
    throwIfCancelled(call.signal);
    const store = await openStore(place);
    const identities = await location.identities(call);
    return inFile(place.file, async () => {
      const reader = valueReader(store, identities);
      const values: (Buffer | undefined)[] = [];
      for (let index = 0; index < accesses.length; index++) {
        const value = reader.read(accesses[index]?.path ?? "");
        values.push(value instanceof Promise ? await value : value);
      }
      return values;
    });
  };

  const listAll = async (): Promise<readonly string[]> => {
    const store = await openStore(place);
    const { listPaths } = await import("../sealed/list.js");
    return listPaths(store, place.file);
  };

  const inItsFormat = async <T>(
    sealed: () => Promise<T>,
    older: (backend: ReturnType<typeof olderBackend>) => Promise<T>,
  ): Promise<T> => againIfReplaced(place.file, async () => inOneFormat(sealed, older));

  /** The new format costs nothing for there being an older one: only a store that turns out to be in it is asked so. */
  const inOneFormat = async <T>(
    sealed: () => Promise<T>,
    older: (backend: ReturnType<typeof olderBackend>) => Promise<T>,
  ): Promise<T> => {
    try {
      return await sealed();
    } catch (error) {
      if (!(error instanceof OlderFormatError)) throw error;
    }
    const modules = await import("./sealed-older.js");
    try {
      return await older(modules.olderBackend(location, context));
    } catch (error) {
      if (!(error instanceof modules.SealedMeanwhileError)) throw error;
      return sealed();
    }
  };

  const readGranted = async (grants: readonly Grant[], call: BackendCall): Promise<readonly (Buffer | undefined)[]> => {
    const accesses = grants.map((grant) => grantedAccess(grant, "read"));
    return inItsFormat(
      () => readAll(accesses, call),
      (older) => older.readMany(accesses, call),
    );
  };

  return {
    read: async (grant, call) => (await readGranted([grant], call))[0],
    readMany: readGranted,
    write: async (grant, value, call) => {
      const access = grantedAccess(grant, "write");
      requireAcceptable(access.path, value);
      const sealed = async (): Promise<void> => {
        refuseOlderFile(place.file);
        const { writeValue } = await import("../sealed/write.js");
        const record = { ...access, value, now: call.lastChanged ?? context.now() };
        const written = await writeValue(place, await location.identities(call), record, call);
        const { surpriseOf } = await import("./sealed-surprise.js");
        const surprise = surpriseOf(access, written, context.keyholdersFor(access.policy));
        if (surprise !== undefined) call.warn?.(surprise);
      };
      await inItsFormat(sealed, (older) => older.write(grant, value, call));
    },
    delete: async (grant, call) => {
      const access = grantedAccess(grant, "write");
      const sealed = async (): Promise<boolean> => {
        refuseOlderFile(place.file);
        const { deleteValue } = await import("../sealed/write.js");
        return deleteValue(place, await location.identities(call), access.path, call);
      };
      return inItsFormat(sealed, (older) => older.delete(grant, call));
    },
    list: async (call) => {
      refuseTrackedKey(location.key, context.baseDirectory);
      return inItsFormat(listAll, (older) => older.list(call));
    },
    changed: async (paths, call) => {
      const sealed = async (): Promise<ReadonlyMap<string, number | undefined>> => {
        const store = await openStore(place);
        const { timesOfChange } = await import("../sealed/list.js");
        return timesOfChange(store, place.file, paths);
      };
      return inItsFormat(sealed, (older) => older.changed(paths, call));
    },
    check: async (paths, call, policies) => {
      const { checkEitherFormat } = await import("./sealed-check-format.js");
      return checkEitherFormat(location, context, { paths, policies }, call);
    },
  };
}

function requireAcceptable(storePath: string, value: Uint8Array): void {
  const fault = sealedPathFault(storePath);
  if (fault !== undefined) throw new InvalidInputError(`${quote(storePath)} is not a path of a sealed store: ${fault}`);
  if (value.length <= maximumValueBytes) return;
  throw new InvalidInputError(
    `the value of ${quote(storePath)} has ${value.length} bytes, more than a sealed store takes`,
    {
      hint: `the limit is ${maximumValueBytes} bytes (1 MiB)`,
    },
  );
}
