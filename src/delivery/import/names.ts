import { canonicalSecretName, isIdentifier } from "../../domain/names.js";
import { quote } from "../../errors.js";
import type { Problem } from "../../errors.js";
import type { ImportedValue } from "./values.js";

/** A value under the name it will have. */
export interface NamedValue extends ImportedValue {
  readonly name: string;
}

/**
 * Gives values their canonical names: `OPENAI_API_KEY` becomes `openai_api_key`.
 *
 * @param file - for the problems
 * @param renames - canonical names for names as they stand in the file
 * @returns a problem for each that has none, with one it could have, and for each whose name another has already
 */
export function nameValues(
  values: readonly ImportedValue[],
  file: string,
  renames: ReadonlyMap<string, string>,
): { readonly named: readonly NamedValue[]; readonly problems: readonly Problem[] } {
  const named = new Map<string, NamedValue>();
  const problems: Problem[] = [];
  for (const value of values) {
    const { written, line } = value;
    const name = renames.get(written) ?? canonicalOf(written);
    const earlier = name === undefined ? undefined : named.get(name);
    if (name === undefined) {
      const possible = possibleName(written);
      const advice = possible === undefined ? "" : `; --rename ${written}=${possible} takes it`;
      problems.push({ file, line, path: [written], message: `is not a secret name${advice}` });
    } else if (earlier !== undefined) {
      const message = `is the name ${quote(name)}, as ${quote(earlier.written)} on line ${earlier.line}; keep one of them, or --rename one`;
      problems.push({ file, line, path: [written], message });
    } else named.set(name, { ...value, name });
  }
  return { named: [...named.values()], problems };
}

function canonicalOf(written: string): string | undefined {
  try {
    return canonicalSecretName(written);
  } catch {
    return undefined;
  }
}

/** `my-App.key` → `my_app_key` */
function possibleName(written: string): string | undefined {
  const name = written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "");
  return isIdentifier(name) ? name : undefined;
}
