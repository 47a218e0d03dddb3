import { defineBackend } from "../../src/backends/contract.js";
import type { Backend, BackendDefinition } from "../../src/backends/contract.js";
import { grantedAccess } from "../../src/domain/grant.js";

/** A backend that counts its calls. `answer` gives the value of a path, `undefined`, or throws. */
export function spyBackend(answer: (path: string) => string | undefined, kind = "spy") {
  const calls: string[] = [];
  const backend: Backend = {
    read: async (grant) => {
      const { path } = grantedAccess(grant, "read");
      calls.push(`read ${path}`);
      const value = answer(path);
      return value === undefined ? undefined : new TextEncoder().encode(value);
    },
    write: async (grant) => {
      calls.push(`write ${grantedAccess(grant, "write").path}`);
    },
    delete: async (grant) => {
      calls.push(`delete ${grantedAccess(grant, "write").path}`);
      return true;
    },
  };
  const definition: BackendDefinition = defineBackend({
    kind,
    description: "counts its calls",
    options: {},
    paths: {
      description: "anything without `forbidden`",
      fault: (path) => (path.includes("forbidden") ? "expected no `forbidden`" : undefined),
    },
    maximumValueBytes: 16,
    can: { write: true, delete: true, list: false },
    enforcement: "advisory",
    open: () => {
      calls.push("open");
      return backend;
    },
  });
  return { definition, calls };
}
