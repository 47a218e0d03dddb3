import { canonicalSecretName, isIdentifier } from "../../domain/names.js";
import { quote } from "../../errors.js";
import type { Problem } from "../../errors.js";
import { shellWord } from "../../files/private.js";
import type { ImportedValue } from "./values.js";

/** A value under the name it will have. */
export interface NamedValue extends ImportedValue {
  readonly name: string;
}

/** What the caller says of names. */
export interface NameWishes {
  /** Canonical names for names as they stand in the file. */
  readonly renames: ReadonlyMap<string, string>;
  /** The canonical names that are wanted; the rest of the file is passed over. `undefined` for all. */
  readonly only: ReadonlySet<string> | undefined;
}

/** The canonical name for a name as it stands in a file, `undefined` for one that is no name of a secret. */
export function nameFor(written: string, renames: ReadonlyMap<string, string>): string | undefined {
  try {
    return renames.get(written) ?? canonicalSecretName(written);
  } catch {
    return undefined;
  }
}

/** Whether a name as it stands in a file is one of those that are wanted. */
export function isWanted(written: string, { renames, only }: NameWishes): boolean {
  const name = nameFor(written, renames);
  return only === undefined || (name !== undefined && only.has(name));
}

/**
 * Gives values their canonical names: `OPENAI_API_KEY` becomes `openai_api_key`.
 *
 * @param file - for the problems
 * @returns a problem for each that has none, with one it could have, and for each whose name another has already
 */
export function nameValues(
  values: readonly ImportedValue[],
  file: string,
  wishes: NameWishes,
): { readonly named: readonly NamedValue[]; readonly problems: readonly Problem[] } {
  const named = new Map<string, NamedValue>();
  const problems: Problem[] = [];
  for (const value of values.filter(({ written }) => isWanted(written, wishes))) {
    const { written, line } = value;
    const name = nameFor(written, wishes.renames);
    const earlier = name === undefined ? undefined : named.get(name);
    if (name === undefined) {
      const possible = possibleName(written);
      const advice = possible === undefined ? "" : `; --rename ${shellWord(`${written}=${possible}`)} takes it`;
      problems.push({ file, line, path: [written], message: `is not a secret name${advice}` });
    } else if (earlier !== undefined) {
      const message = `is the name ${quote(name)}, as ${quote(earlier.written)} on line ${earlier.line}; keep one of them, or --rename one`;
      problems.push({ file, line, path: [written], message });
    } else named.set(name, { ...value, name });
  }
  return { named: [...named.values()], problems };
}

/** `my-App.key` → `my_app_key` */
function possibleName(written: string): string | undefined {
  const name = written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "");
  return isIdentifier(name) ? name : undefined;
}
