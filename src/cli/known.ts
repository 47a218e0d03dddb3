import { nearest } from "../domain/names.js";
import { ConfigurationError, quote } from "../errors.js";

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
