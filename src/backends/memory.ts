import { grantedAccess } from "../domain/grant.js";
import { throwIfCancelled } from "../errors.js";
import { anyPath, defineBackend } from "./contract.js";
import type { Backend, BackendDefinition } from "./contract.js";

/**
 * A session store for tests and short-lived processes: values live as long as the SecretsApi that holds them.
 *
 * @param values - what each store of this kind starts with, by path; copied
 */
export function memoryBackend(values: Readonly<Record<string, string | Uint8Array>> = {}): BackendDefinition {
  const initial = new Map(
    Object.entries(values).map(([path, value]) => [
      path,
      typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.from(value),
    ]),
  );
  return defineBackend({
    kind: "memory",
    description: "values kept in this process, gone when it ends",
    options: {},
    paths: anyPath,
    maximumValueBytes: 64 * 1024 * 1024,
    can: { write: true, delete: true, list: true },
    endsWithProcess: true,
    enforcement: "advisory",
    open: () => openMemory(initial),
  });
}

function openMemory(initial: ReadonlyMap<string, Uint8Array>): Backend {
  const values = new Map(initial);
  return {
    read: async (grant, call) => {
      const { path } = grantedAccess(grant, "read");
      throwIfCancelled(call.signal);
      return values.get(path);
    },
    write: async (grant, value, call) => {
      const { path } = grantedAccess(grant, "write");
      throwIfCancelled(call.signal);
      values.set(path, Uint8Array.from(value));
    },
    delete: async (grant, call) => {
      const { path } = grantedAccess(grant, "write");
      throwIfCancelled(call.signal);
      return values.delete(path);
    },
    list: async () => [...values.keys()].toSorted(),
    check: async (paths) => ({
      findings: [],
      presence: new Map(paths.map((path) => [path, values.has(path) ? "present" : "absent"])),
    }),
  };
}
