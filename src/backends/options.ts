import { parseKeySource } from "../domain/key-source.js";
import type { KeySource } from "../domain/key-source.js";
import { ConfigurationError } from "../errors.js";
import type { Problem } from "../errors.js";

/** The error for an option of a store whose value is wrong in a way that its type does not tell. */
export function optionFault(store: string, option: string, message: string): ConfigurationError {
  return storeFault(store, [{ path: [option], message }]);
}

/**
 * Where the key of a store comes from, as its option says.
 *
 * @throws ConfigurationError with every problem of it
 */
export function readKeyOption(store: string, key: unknown): KeySource {
  const parsed = parseKeySource(key);
  if ("source" in parsed) return parsed.source;
  throw storeFault(
    store,
    parsed.problems.map((problem) => ({ ...problem, path: ["key", ...problem.path] })),
  );
}

/** @param found - with paths inside the store */
function storeFault(store: string, found: readonly Problem[]): ConfigurationError {
  const problems = found.map((problem) => ({ ...problem, path: ["stores", store, ...problem.path] }));
  return new ConfigurationError(
    problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
    problems,
  );
}
