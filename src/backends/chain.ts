import { ConfigurationError, quote, throwIfCancelled, UnavailableError, UnsupportedError } from "../errors.js";
import { grantedAccess } from "../domain/grant.js";
import type { UnavailableReason } from "../errors.js";
import type { Grant } from "../domain/grant.js";
import { anyPath, defineBackend } from "./contract.js";
import type { Backend, BackendCall, BackendContext, Finding, OpenedStore, Presence } from "./contract.js";
import { requirePath, requireSize } from "./limits.js";
import { guard, readAll } from "./read-all.js";

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
  const fault = (option: string, message: string): never => {
    throw new ConfigurationError(`stores.${name}.${option}: ${message}`, [{ path: ["stores", name, option], message }]);
  };
  if (!Array.isArray(stores)) return fault("stores", "expected a list of stores");
  if (policy !== "stop" && policy !== "skip") return fault("if_unavailable", "expected `stop` or `skip`");
  if (writeTo !== undefined && (typeof writeTo !== "string" || !stores.includes(writeTo))) {
    return fault("write_to", "expected a member of this chain");
  }
  return { stores: stores.map(String), writeTo, skipUnreachable: policy === "skip" };
}

function openChain(name: string, options: ChainOptions, context: BackendContext): Backend {
  const members = () => options.stores.map((member) => context.openStore(member));

  const writable = (): OpenedStore => {
    if (options.writeTo === undefined) {
      throw new UnsupportedError(`the chain ${quote(name)} takes no writes`, {
        hint: `set stores.${name}.write_to, or give the secret the store it belongs to`,
      });
    }
    return context.openStore(options.writeTo);
  };

  const readMany = async (grants: readonly Grant[], call: BackendCall) => {
    const values: (Uint8Array | undefined)[] = grants.map(() => undefined);
    let pending = grants.map((grant, index) => ({ grant, index, path: grantedAccess(grant, "read").path }));
    for (const member of members()) {
      throwIfCancelled(call.signal);
      const asked = pending.filter(({ path }) => member.definition.paths.fault(path) === undefined);
      if (asked.length < pending.length) call.trace?.(`${member.name}: passed over, it cannot hold such a name`);
      if (asked.length === 0) continue;
      const answers = await ask(
        member,
        asked.map(({ grant }) => grant),
        call,
      );
      if (answers === undefined) continue;
      for (const [position, { index }] of asked.entries()) values[index] = answers[position];
      pending = pending.filter(({ index }) => values[index] === undefined);
      call.trace?.(
        `${member.name}: ${asked.filter(({ index }) => values[index] !== undefined).length} of ${asked.length} found`,
      );
      if (pending.length === 0) break;
    }
    return values;
  };

  const ask = async (member: OpenedStore, grants: readonly Grant[], call: BackendCall) => {
    try {
      return await readAll(member, grants, call);
    } catch (error) {
      if (!isPassedOver(error, options.skipUnreachable)) throw error;
      call.trace?.(`${member.name}: passed over, ${error.message}`);
      return undefined;
    }
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
      await guard(target, () => write(grant, value, call));
    },
    delete: async (grant, call) => {
      const target = writable();
      const remove = target.backend.delete?.bind(target.backend);
      if (remove === undefined) throw new UnsupportedError(`store ${quote(target.name)} is read-only`);
      requirePath(target.name, target.definition, grantedAccess(grant, "write").path);
      return guard(target, () => remove(grant, call));
    },
    list: async (call) => {
      const lists = await Promise.all(members().map(async (member) => (await member.backend.list?.(call)) ?? []));
      return [...new Set(lists.flat())].toSorted();
    },
    changed: async (paths, call) => {
      const { changedInMembers } = await import("./chain-changed.js");
      return changedInMembers(members(), paths, call, (reason) => isSkipped(reason, options.skipUnreachable));
    },
    check: (paths, call, policies) => checkMembers(members(), paths, call, policies, options.skipUnreachable),
  };
}

function isPassedOver(error: unknown, skipUnreachable: boolean): error is UnavailableError {
  return error instanceof UnavailableError && isSkipped(error.reason, skipUnreachable);
}

function isSkipped(reason: UnavailableReason, skipUnreachable: boolean): boolean {
  return reason !== "unreachable" || skipUnreachable;
}

const strongestFirst: readonly Presence[] = ["present", "unreadable", "unknown", "absent"];

async function checkMembers(
  members: readonly OpenedStore[],
  paths: readonly string[],
  call: BackendCall,
  policies: ReadonlyMap<string, string>,
  skipUnreachable: boolean,
): Promise<{ findings: readonly Finding[]; presence: ReadonlyMap<string, Presence> }> {
  const findings: Finding[] = [];
  const presence = new Map<string, Presence>(paths.map((path) => [path, "absent"]));
  for (const member of members) {
    const held = paths.filter((path) => member.definition.paths.fault(path) === undefined);
    const report = await member.backend.check?.(held, call, policies);
    for (const finding of report?.findings ?? []) {
      const passedOver = finding.unavailable !== undefined && isSkipped(finding.unavailable, skipUnreachable);
      const severity = passedOver ? "warning" : finding.severity;
      findings.push({ ...finding, severity, message: `${member.name}: ${finding.message}` });
    }
    for (const path of held) {
      const states = [presence.get(path) ?? "absent", report?.presence.get(path) ?? "unknown"];
      presence.set(path, strongestFirst.find((state) => states.includes(state)) ?? "unknown");
    }
  }
  return { findings, presence };
}
