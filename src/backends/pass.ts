import { join, resolve } from "node:path";
import { quote, throwIfCancelled, UnsupportedError } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { gpgEnvironment } from "../gpg/environment.js";
import type { PassStore } from "../pass/store.js";
import { parseAddress } from "../password-store/address.js";
import { addressFault, addressGrammar } from "../password-store/names.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import { optionFault } from "./options.js";

/** A `pass` store, read and written with gpg alone. Without options: the user's own, where `pass` has it. */
export const passBackend = defineBackend({
  kind: "pass",
  description: "a `pass` or gopass store of `.gpg` files, by gpg alone",
  options: {
    root: {
      type: "file",
      description: "the directory of the store; default `$PASSWORD_STORE_DIR`, else `~/.password-store`",
    },
    program: {
      type: "string",
      default: "gpg",
      description: "the gpg program; default `gpg` on PATH",
      needsTrust: "runs a program",
    },
    commit: {
      type: "boolean",
      alsoRuns: ["git"],
      description: "commit each change to the git repository of the store, with that repository's hooks",
      needsTrust: "runs a program",
    },
  },
  paths: { description: addressGrammar, fault: addressFault },
  maximumValueBytes: 16 * 1024 * 1024,
  can: { write: true, delete: true, list: true },
  enforcement: "cryptographic",
  open: (store, context) => openPass(parseOptions(store.name, store.options, context), context),
});

function parseOptions(
  name: string,
  options: Readonly<Record<string, unknown>>,
  { environment, baseDirectory }: BackendContext,
): PassStore {
  const { root, program = "gpg", commit = false } = options;
  if (root !== undefined && (typeof root !== "string" || root === "" || root.includes("\0"))) {
    throw optionFault(name, "root", "expected the path of a directory");
  }
  if (typeof program !== "string" || program === "")
    throw optionFault(name, "program", "expected the name of a program");
  if (typeof commit !== "boolean") throw optionFault(name, "commit", "expected true or false");
  const home = environment["HOME"] ?? environment["USERPROFILE"] ?? "";
  const usual = environment["PASSWORD_STORE_DIR"] || (home === "" ? undefined : join(home, ".password-store"));
  const signers = wordsOf(environment["PASSWORD_STORE_SIGNING_KEY"]);
  return {
    root: resolve(baseDirectory, root ?? usual ?? ".password-store"),
    gpg: {
      program: program.includes("/") ? resolve(baseDirectory, program) : program,
      options: wordsOf(environment["PASSWORD_STORE_GPG_OPTS"]),
      environment: gpgEnvironment(environment),
    },
    commit,
    signers: signers.length === 0 ? undefined : signers,
    environment,
  };
}

/** As the shell splits a variable without quotes, which is how `pass` uses these. */
function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/[ \t\n]+/).filter((word) => word !== "");
}

function openPass(store: PassStore, context: BackendContext): Backend {
  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const addresses = grants.map((grant) => parseAddress(grantedAccess(grant, "read").path));
    throwIfCancelled(call.signal);
    if (addresses.length === 0) return [];
    const { readValues } = await import("../pass/read.js");
    const values = await readValues(store, [...new Set(addresses.map(({ entry }) => entry))], call.signal);
    return Promise.all(
      addresses.map(async ({ entry, key }) => {
        const value = values.get(entry);
        if (value === undefined || key === undefined) return value;
        const { lookUpKey } = await import("../password-store/keys.js");
        return lookUpKey(value, key, entry);
      }),
    );
  };

  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const entry = wholeEntry(grantedAccess(grant, "write").path);
      const { writeEntry } = await import("../pass/write.js");
      await writeEntry(store, entry, value, call);
    },
    delete: async (grant, call) => {
      const entry = wholeEntry(grantedAccess(grant, "write").path);
      const { removeEntry } = await import("../pass/write.js");
      return removeEntry(store, entry, call);
    },
    list: async (call) => {
      throwIfCancelled(call.signal);
      const { realRoot } = await import("../pass/files.js");
      const { listEntries } = await import("../pass/list.js");
      const entries = listEntries(realRoot(store.root), (path) => {
        call.trace?.(`left out ${quote(path)}: a symbolic link that leads out of the store, in a circle, or nowhere`);
      });
      const addressable = entries.filter((entry) => !entry.includes("#") && addressFault(entry) === undefined);
      if (addressable.length < entries.length) {
        call.trace?.(`${entries.length - addressable.length} entries left out: their names cannot be addressed`);
      }
      return addressable.toSorted();
    },
    check: async (paths, call, policies) => {
      const { checkPass } = await import("./pass-check.js");
      return checkPass(store, context, paths, policies, call);
    },
  };
}

/** Writes and removals are of whole entries: replacing one line would re-encrypt text this caller never asked to see. */
function wholeEntry(path: string): string {
  const { entry, key } = parseAddress(path);
  if (key === undefined) return entry;
  throw new UnsupportedError(
    `${quote(path)} names one key of an entry, and only a whole entry can be written or removed`,
    { hint: `use \`pass edit ${entry}\`` },
  );
}
