import type { BackendContext } from "../../src/backends/contract.js";

/** A context without surroundings: no variables, no directories, no other stores; with changes. */
export function isolatedContext(changes: Partial<BackendContext> = {}): BackendContext {
  return {
    baseDirectory: "/nonexistent",
    environment: {},
    stateDirectory: "/nonexistent",
    now: () => 0,
    keyholdersFor: () => undefined,
    openStore: (name) => {
      throw new Error(`there is no other store ${name}`);
    },
    allowInsecurePermissions: false,
    ...changes,
  };
}
