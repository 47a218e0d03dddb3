import { resolve } from "node:path";
import { quote, UnsupportedError } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { pathFault } from "../domain/names.js";
import type { GopassProgram } from "../gopass/client.js";
import { gopassEnvironment } from "../gopass/environment.js";
import { terminalName } from "../gpg/environment.js";
import { parseAddress } from "../password-store/address.js";
import { addressFault, addressGrammar } from "../password-store/names.js";
import { defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext } from "./contract.js";
import { optionFault } from "./options.js";

/** gpg-agent answers one request after the other: more than two programs at once gain nothing. */
const concurrency = 2;

/** The real gopass (www.gopass.pw) with gpg; verified with 1.16.1. Without options: the user's own store. */
export const gopassBackend = defineBackend({
  kind: "gopass",
  description: "the team's gopass store, by the gopass program",
  options: {
    root: { type: "string", description: "the folder all paths of this store are in, such as `mxm/red`" },
    program: {
      type: "string",
      default: "gopass",
      alsoRuns: ["gpg", "git"],
      description: "the gopass program; default `gopass` on PATH",
      needsTrust: "runs a program",
    },
    push: {
      type: "boolean",
      description: "push to the store's git remote after each write; default: commit only",
      needsTrust: "sends secrets to an address",
    },
  },
  paths: { description: addressGrammar, fault: addressFault },
  maximumValueBytes: 16 * 1024 * 1024,
  can: { write: true, delete: true, list: true },
  enforcement: "cryptographic",
  open: (store, context) => openGopass(parseOptions(store.name, store.options, context)),
});

interface GopassStore {
  readonly gopass: GopassProgram;
  /** Ends in `/` unless it is empty. */
  readonly prefix: string;
}

function parseOptions(name: string, options: Readonly<Record<string, unknown>>, context: BackendContext): GopassStore {
  const { root = "", program = "gopass", push = false } = options;
  if (typeof root !== "string") throw optionFault(name, "root", "expected a string");
  if (typeof program !== "string" || program === "")
    throw optionFault(name, "program", "expected the name of a program");
  if (typeof push !== "boolean") throw optionFault(name, "push", "expected true or false");
  const rootFault = root === "" ? undefined : (pathFault(root) ?? addressFault(`${root}/name`));
  if (rootFault !== undefined || root.includes("#")) throw optionFault(name, "root", rootFault ?? "expected no `#`");
  return {
    gopass: {
      program: program.includes("/") ? resolve(context.baseDirectory, program) : program,
      environment: gopassEnvironment({ GPG_TTY: terminalName(), ...context.environment }, push),
    },
    prefix: root === "" ? "" : `${root}/`,
  };
}

function openGopass(store: GopassStore): Backend {
  const { gopass, prefix } = store;

  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const addresses = grants.map((grant) => parseAddress(grantedAccess(grant, "read").path));
    if (addresses.length === 0) return [];
    const { listEntries, showEntry } = await import("../gopass/client.js");
    const { mapWithLimit } = await import("../process/limit.js");
    const present = new Set(await listEntries(gopass, call.signal));
    const wanted = [...new Set(addresses.map(({ entry }) => prefix + entry))].filter((entry) => present.has(entry));
    const shown = await mapWithLimit(wanted, concurrency, async (entry) => {
      const value = await showEntry(gopass, entry, { signal: call.signal, trace: call.trace });
      return [entry, value] as const;
    });
    const values = new Map(shown);
    return Promise.all(
      addresses.map(async ({ entry, key }) => {
        const value = values.get(prefix + entry);
        if (value === undefined || key === undefined) return value;
        const { lookUpKey } = await import("../password-store/keys.js");
        return lookUpKey(value, key, prefix + entry);
      }),
    );
  };

  return {
    readMany,
    read: async (grant, call) => (await readMany([grant], call))[0],
    write: async (grant, value, call) => {
      const entry = wholeEntry(store, grantedAccess(grant, "write").path);
      const { listEntries, readSettings, storeEntry } = await import("../gopass/client.js");
      await listEntries(gopass, call.signal);
      const { locateEntry } = await import("../gopass/recipients.js");
      const { requireExactRecipients } = await import("../gopass/keyring.js");
      const location = locateEntry(await readSettings(gopass, call.signal), entry);
      await requireExactRecipients(gopass, entry, location, call.signal);
      await storeEntry(gopass, entry, value, call.signal);
    },
    delete: async (grant, call) => {
      const entry = wholeEntry(store, grantedAccess(grant, "write").path);
      const { listEntries, removeEntry } = await import("../gopass/client.js");
      const entries = await listEntries(gopass, call.signal);
      return entries.includes(entry) && removeEntry(gopass, entry, call.signal);
    },
    list: async (call) => {
      const { listEntries } = await import("../gopass/client.js");
      const entries = await listEntries(gopass, call.signal);
      const paths = entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length));
      const addressable = paths.filter((path) => !path.includes("#") && addressFault(path) === undefined);
      if (addressable.length < paths.length) {
        call.trace?.(
          `${paths.length - addressable.length} entries of gopass left out: their names cannot be addressed`,
        );
      }
      return addressable.toSorted();
    },
    check: async (paths, call) => {
      const { checkGopass } = await import("./gopass-check.js");
      return checkGopass(gopass, prefix, paths, call);
    },
  };
}

/** Writes and removals are of whole entries: replacing one line would re-encrypt text this caller never asked to see. */
function wholeEntry({ prefix }: GopassStore, path: string): string {
  const { entry, key } = parseAddress(path);
  if (key === undefined) return prefix + entry;
  throw new UnsupportedError(
    `${quote(path)} names one key of an entry, and only a whole entry can be written or removed`,
    {
      hint: `use \`gopass edit ${prefix}${entry}\``,
    },
  );
}
