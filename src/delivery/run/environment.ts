import { InvalidInputError, isSecretsError, quote } from "../../errors.js";
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
  // Without a prototype: a plain object changes its shape with each of many names.
  const child: Record<string, string> = Object.create(null);
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
  const text = revealed(secret);
  const fault = text === undefined ? "is binary" : text.includes("\0") ? "has a NUL byte" : undefined;
  if (text !== undefined && fault === undefined) return text;
  throw new InvalidInputError(`the value of ${quote(secret.name)} ${fault}, which no environment can hold`, {
    hint: `give it as a file: \`--as-file ${secret.name}\``,
  });
}

function revealed(secret: Secret): string | undefined {
  try {
    return secret.reveal();
  } catch (thrown) {
    if (isSecretsError(thrown)) return undefined;
    throw thrown;
  }
}
