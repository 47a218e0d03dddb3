import { InvalidInputError, quote } from "../errors.js";
import type { BackendDefinition } from "./contract.js";

/** @throws InvalidInputError when a store of this kind cannot hold such a path */
export function requirePath(store: string, definition: BackendDefinition, path: string): void {
  const fault = definition.paths.fault(path);
  if (fault === undefined) return;
  throw new InvalidInputError(`${quote(path)} cannot be a name in store ${quote(store)}: ${fault}`, {
    hint: `the ${quote(definition.kind)} backend holds ${definition.paths.description}`,
  });
}

/** @throws InvalidInputError when a store of this kind cannot hold a value of this length */
export function requireSize({ kind, maximumValueBytes }: BackendDefinition, value: Uint8Array): void {
  if (value.byteLength <= maximumValueBytes) return;
  throw new InvalidInputError(
    `the value is ${value.byteLength} bytes; the ${quote(kind)} backend holds at most ${maximumValueBytes}`,
  );
}
