import type { BackendDefinition } from "./contract.js";

/**
 * The built-in kinds that a configuration with stores of these kinds needs. One with sealed stores alone, as `init` makes
 * it, loads no other.
 */
export async function loadBackends(kinds: Iterable<string>): Promise<ReadonlyMap<string, BackendDefinition>> {
  const { sealedBackend } = await import("./sealed.js");
  const isSealedAlone = [...kinds].every((kind) => kind === sealedBackend.kind);
  const definitions = isSealedAlone ? [sealedBackend] : (await import("./registry.js")).builtInBackends;
  return new Map(definitions.map((definition) => [definition.kind, definition]));
}
