import { resolve } from "node:path";
import { loadedOnce } from "../age/loaded-once.js";
import { maximumValueBytes } from "../age/limits.js";
import { entryFault, entryGrammar } from "../age/tree-names.js";
import type { TreeKeys, Unlocking } from "../age/tree-keys.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { throwIfCancelled } from "../errors.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import { optionFault, readKeyOption } from "./options.js";

/** An age tree as the configuration describes it. */
export interface AgeStore {
  readonly root: string;
  readonly armor: boolean;
  readonly keys: TreeKeys;
  readonly context: BackendContext;
}

/** A directory of files encrypted with age (https://age-encryption.org), as the age program and passage read and write. */
export const ageBackend = defineBackend({
  kind: "age",
  description: "a directory of age files, one for each secret; needs no other program",
  options: {
    root: { type: "file", required: true, description: "the directory; `a/b` is the file `a/b.age` in it" },
    key: {
      type: "key",
      description: "where the age identities come from; without it, only passphrase entries are read",
    },
    armor: { type: "boolean", description: "write files as text (PEM); default: binary. Both are read" },
  },
  paths: { description: entryGrammar, fault: entryFault },
  maximumValueBytes,
  can: { write: true, delete: true, list: true },
  enforcement: "cryptographic",
  open: (store, context) => openAge(parseOptions(store.name, store.options, context)),
});

function parseOptions(
  name: string,
  { root, key, armor = false }: Readonly<Record<string, unknown>>,
  context: BackendContext,
): AgeStore {
  if (typeof root !== "string" || root === "" || root.includes("\0"))
    throw optionFault(name, "root", "expected a directory");
  if (typeof armor !== "boolean") throw optionFault(name, "armor", "expected true or false");
  return {
    root: resolve(context.baseDirectory, root),
    armor,
    keys: { store: name, source: key === undefined ? undefined : readKeyOption(name, key), around: context },
    context,
  };
}

function openAge(store: AgeStore): Backend {
  const { root, keys } = store;
  const load = async (call?: BackendCall) => {
    const { loadTreeKey } = await import("../age/tree-keys.js");
    return loadTreeKey(keys, call?.signal);
  };
  const isRepeatable = keys.source?.kind === "file" && keys.source.passphrase === undefined;
  const keyText = isRepeatable ? load : loadedOnce(load);
  /** Made anew for each call: nothing of a key is kept between two, unless it can be had only once. */
  const unlock = async (call: BackendCall): Promise<Unlocking> => {
    const { unlocking } = await import("../age/tree-keys.js");
    return unlocking(keys, async () => keyText(call));
  };

  const refuseTracked = async (): Promise<void> => {
    if (keys.source === undefined) return;
    const { refuseTrackedKey } = await import("../age/key-load.js");
    refuseTrackedKey(keys.source, store.context.baseDirectory);
  };

  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const paths = grants.map((grant) => grantedAccess(grant, "read").path);
    const { readTree } = await import("../age/tree-read.js");
    return readTree(root, paths, await unlock(call), call.signal);
  };

  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const { path } = grantedAccess(grant, "write");
      await refuseTracked();
      const { writeTree } = await import("../age/tree-write.js");
      await writeTree(root, path, value, { armored: store.armor, signal: call.signal });
    },
    delete: async (grant, call) => {
      const { path } = grantedAccess(grant, "write");
      await refuseTracked();
      const { deleteFromTree } = await import("../age/tree-write.js");
      return deleteFromTree(root, path, call.signal);
    },
    list: async (call) => {
      throwIfCancelled(call.signal);
      await refuseTracked();
      const { listTree, realRoot } = await import("../age/tree.js");
      const { paths, leftOut } = listTree(realRoot(root));
      if (leftOut > 0) call.trace?.(`${leftOut} files of \`${keys.store}\` left out: their names cannot be addressed`);
      return paths;
    },
    check: async (paths, call, policies) => {
      const { checkAge } = await import("./age-check.js");
      return checkAge(store, paths, policies, await unlock(call), call);
    },
  };
}
