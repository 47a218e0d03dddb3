import { nearest } from "../domain/names.js";
import type { SecretRef } from "../domain/ref.js";
import { ConfigurationError, InvalidInputError, quote } from "../errors.js";

/** @throws ConfigurationError, with the nearest configured one, unless the configuration has a store or policy of this name */
export function requireKnown(kind: "store" | "policy", name: string, known: ReadonlyMap<string, unknown>): void {
  if (known.has(name)) return;
  const suggestion = nearest(name, known.keys());
  const message = `there is no ${kind} ${quote(name)} in the configuration`;
  throw new ConfigurationError(
    message,
    [],
    suggestion === undefined ? {} : { hint: `did you mean ${quote(suggestion)}?` },
  );
}

/** @throws InvalidInputError when another ref has the path of this new one: what is stored there is not its own */
export function requireFreePath(ref: SecretRef, refs: ReadonlyMap<string, SecretRef>): void {
  const holder = [...refs.values()].find(({ store, path }) => store === ref.store && path === ref.path);
  if (holder === undefined) return;
  throw new InvalidInputError(
    `${quote(ref.path)} in store ${quote(ref.store)} is the path of ${quote(holder.name)} already`,
    { hint: `choose another name, or give ${quote(ref.name)} a path of its own in the configuration` },
  );
}
