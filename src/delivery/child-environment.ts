import { isUtf8 } from "node:buffer";
import { InvalidInputError, quote } from "../errors.js";
import { environmentName } from "../domain/names.js";
import type { Secret } from "../domain/secret.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of a child: the parent's, less everything of ours, plus the named secrets under their upper-case
 * names.
 *
 * @param ownVariables - names the configuration takes keys from, besides everything that starts with `MXM_`
 * @throws InvalidInputError for a value no environment can hold (a NUL byte, or not UTF-8)
 */
export function childEnvironment(
  parent: Environment,
  secrets: readonly Secret[],
  ownVariables: readonly string[],
): Record<string, string> {
  const own = new Set(ownVariables);
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && !name.startsWith("MXM_") && !own.has(name)) child[name] = value;
  }
  for (const secret of secrets) {
    const bytes = secret.bytes();
    const fault = bytes.includes(0) ? "has a NUL byte" : isUtf8(bytes) ? undefined : "is binary";
    if (fault !== undefined) {
      throw new InvalidInputError(`the value of ${quote(secret.name)} ${fault}, which no environment can hold`);
    }
    child[environmentName(secret.name)] = secret.reveal();
  }
  return child;
}
