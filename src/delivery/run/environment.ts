import { isUtf8 } from "node:buffer";
import { InvalidInputError, quote } from "../../errors.js";
import type { Secret } from "../../domain/secret.js";
import type { Delivery } from "./deliveries.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a child gets of its parent's environment when it gets as little as possible. */
const pristineVariables: ReadonlySet<string> = new Set(["PATH", "HOME", "TERM", "LANG"]);

/** What a child's environment is made of. */
export interface EnvironmentParts {
  readonly parent: Environment;
  /** Names the configuration takes keys from, besides everything that starts with `MXM_`. */
  readonly ownVariables: readonly string[];
  /** Of the parent's variables only PATH, HOME, TERM and LANG. */
  readonly pristine: boolean;
  readonly deliveries: readonly Delivery[];
  /** The secrets by their names. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** The file of a secret that is delivered as one. */
  readonly pathOf: (name: string) => string;
}

/**
 * The environment of a child: the parent's, less everything of ours, plus what was named. A secret takes the place of a
 * variable of the parent's with the same name.
 *
 * @throws InvalidInputError for a value no environment can hold (a NUL byte, or not UTF-8)
 */
export function childEnvironment(parts: EnvironmentParts): Record<string, string> {
  const own = new Set(parts.ownVariables);
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(parts.parent)) {
    if (value === undefined || name.startsWith("MXM_") || own.has(name)) continue;
    if (!parts.pristine || pristineVariables.has(name)) child[name] = value;
  }
  for (const { name, variable, form } of parts.deliveries) {
    const secret = parts.secrets.get(name);
    if (secret !== undefined) child[variable] = form === "file" ? parts.pathOf(name) : textOf(secret);
  }
  return child;
}

function textOf(secret: Secret): string {
  const bytes = secret.bytes();
  const fault = bytes.includes(0) ? "has a NUL byte" : isUtf8(bytes) ? undefined : "is binary";
  if (fault !== undefined) {
    throw new InvalidInputError(`the value of ${quote(secret.name)} ${fault}, which no environment can hold`, {
      hint: `give it as a file: \`--as-file ${secret.name}\``,
    });
  }
  return secret.reveal();
}
