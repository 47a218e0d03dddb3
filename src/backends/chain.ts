import { quote, UnsupportedError } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import type { UnavailableReason } from "../errors.js";
import type { Chain } from "./chain-read.js";
import { anyPath, defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext, OpenedStore } from "./contract.js";
import { requirePath, requireSize } from "./limits.js";
import { callWithin, guard } from "./read-all.js";
import { optionFault } from "./options.js";

/**
 * Ordered fallback over other stores. Only *absent* moves on to the next member, and a member that is not installed or
 * not initialised is passed over; denied, locked, unreachable and corrupt stop the chain, because falling through would
 * silently change which secret is used.
 */
export const chainBackend = defineBackend({
  kind: "chain",
  description: "asks several stores in order; the first that has the value answers",
  options: {
    stores: { type: "stores", required: true, description: "the stores to ask, first to last" },
    write_to: { type: "store", description: "the member that receives writes; without it the chain is read-only" },
    if_unavailable: {
      type: "string",
      words: ["stop", "skip"],
      description: "`stop` (default) or `skip`: pass over a member that cannot be reached",
    },
  },
  paths: anyPath,
  maximumValueBytes: Number.MAX_SAFE_INTEGER,
  can: { write: true, delete: true, list: true },
  enforcement: "advisory",
  open: (store, context) => openChain(store.name, parseOptions(store.name, store.options), context),
});

interface ChainOptions {
  readonly stores: readonly string[];
  readonly writeTo: string | undefined;
  readonly skipUnreachable: boolean;
}

function parseOptions(name: string, options: Readonly<Record<string, unknown>>): ChainOptions {
  const { stores, write_to: writeTo, if_unavailable: policy = "stop" } = options;
  if (!Array.isArray(stores)) throw optionFault(name, "stores", "expected a list of stores");
  if (policy !== "stop" && policy !== "skip") throw optionFault(name, "if_unavailable", "expected `stop` or `skip`");
  if (writeTo !== undefined && (typeof writeTo !== "string" || !stores.includes(writeTo))) {
    throw optionFault(name, "write_to", "expected a member of this chain");
  }
  return { stores: stores.map(String), writeTo, skipUnreachable: policy === "skip" };
}

function openChain(name: string, options: ChainOptions, context: BackendContext): Backend {
  const passesOver = (reason: UnavailableReason): boolean => reason !== "unreachable" || options.skipUnreachable;
  const chain = (): Chain => ({
    name,
    members: options.stores.map((member) => context.openStore(member)),
    passesOver,
  });

  const writable = (): OpenedStore => {
    if (options.writeTo === undefined) {
      throw new UnsupportedError(`the chain ${quote(name)} takes no writes`, {
        hint: `set stores.${name}.write_to, or give the secret the store it belongs to`,
      });
    }
    return context.openStore(options.writeTo);
  };

  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const { readFromMembers } = await import("./chain-read.js");
    return readFromMembers(chain(), grants, call);
  };

  return {
    read: async (grant, call) => (await readMany([grant], call))[0],
    readMany,
    write: async (grant, value, call) => {
      const target = writable();
      const write = target.backend.write?.bind(target.backend);
      if (write === undefined) throw new UnsupportedError(`store ${quote(target.name)} is read-only`);
      requirePath(target.name, target.definition, grantedAccess(grant, "write").path);
      requireSize(target.definition, value);
      await guard(target, () => write(grant, value, callWithin(target.name, call)));
      call.trace?.(`${target.name} (${target.definition.kind}): written, as write_to says`);
    },
    delete: async (grant, call) => {
      const target = writable();
      const remove = target.backend.delete?.bind(target.backend);
      if (remove === undefined) throw new UnsupportedError(`store ${quote(target.name)} is read-only`);
      requirePath(target.name, target.definition, grantedAccess(grant, "write").path);
      const isRemoved = await guard(target, () => remove(grant, callWithin(target.name, call)));
      call.trace?.(`${target.name} (${target.definition.kind}): ${isRemoved ? "removed" : "absent"}, as write_to says`);
      return isRemoved;
    },
    list: async (call) => {
      const { listMembers } = await import("./chain-list.js");
      return listMembers(chain(), call);
    },
    changed: async (paths, call) => {
      const { changedInMembers } = await import("./chain-changed.js");
      return changedInMembers(chain().members, paths, call, passesOver);
    },
    check: async (paths, call, policies) => {
      const { checkMembers } = await import("./chain-check.js");
      return checkMembers(chain(), paths, call, policies);
    },
  };
}
