import type { Problem } from "../errors.js";
import { quote } from "../errors.js";
import { isOwnName, keyVariablesOf, variablesOfKey } from "../domain/key-source.js";
import type { OptionTable } from "../domain/store.js";
import type { Environment } from "../files/user-directories.js";
import { emptyMap, isDataList, isDataMap } from "./merge.js";
import type { Data } from "./merge.js";

type Path = readonly (string | number)[];

/**
 * Replaces `${VAR}` and `${VAR:-default}` in every string value, never in keys; `$${` is a literal `${`. The default is
 * taken when the variable is unset or empty. What is put in is not looked at again. This program's own variables, and those
 * that a `key` is read from, are never put in: a configuration could send them somewhere.
 *
 * @param kinds - of stores, which say where keys are read from that no option names
 * @returns the data, and a problem for each variable that is not set or our own, and each malformed `${`; the data given
 *   is unchanged
 */
export function interpolate(
  data: Data,
  environment: Environment,
  kinds: ReadonlyMap<string, OptionTable> = new Map(),
): { readonly data: Data; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const used: { readonly name: string; readonly path: Path }[] = [];
  const walk = (value: Data, path: Path): Data => {
    if (typeof value === "string") {
      const fault = (message: string) => problems.push({ path, message });
      return interpolateText(value, environment, fault, (name) => used.push({ name, path }));
    }
    if (isDataList(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isDataMap(value)) return value;
    const map = emptyMap();
    for (const key of Object.keys(value)) {
      // Only the chosen profile takes part; the variables of the others need not be set.
      const isIdle = path.length === 0 && key === "profiles";
      map[key] = isIdle ? (value[key] ?? null) : walk(value[key] ?? null, [...path, key]);
    }
    return map;
  };
  const filled = walk(data, []);
  const keys = keyVariables(filled, kinds);
  for (const { name, path } of used) {
    if (!isOwnName(name) && !keys.has(name.toUpperCase())) continue;
    problems.push({ path, message: `${quote(name)} is this program's own variable, and not put into a configuration` });
  }
  return { data: filled, problems };
}

/** The variables that any store's key is read from, in upper case. */
function keyVariables(data: Data, kinds: ReadonlyMap<string, OptionTable>): ReadonlySet<string> {
  const section = isDataMap(data) ? data["stores"] : undefined;
  const stores = isDataMap(section) ? Object.values(section).filter(isDataMap) : [];
  const variables = stores.flatMap((store) => {
    const { backend } = store;
    const table = typeof backend === "string" ? kinds.get(backend) : undefined;
    return [...Object.values(store).flatMap((option) => variablesOfKey(option)), ...keyVariablesOf(table ?? {}, store)];
  });
  return new Set(variables.map((name) => name.toUpperCase()));
}

/** Whether {@link interpolate} would change or refuse anything, for callers that keep the answer. */
export function mentionsVariables(data: Data): boolean {
  if (typeof data === "string") return data.includes("${");
  if (isDataList(data)) return data.some(mentionsVariables);
  return isDataMap(data) && Object.values(data).some(mentionsVariables);
}

function interpolateText(
  text: string,
  environment: Environment,
  fault: (message: string) => void,
  use: (name: string) => void,
): string {
  let result = "";
  let done = 0;
  for (let at = text.indexOf("${"); at !== -1; at = text.indexOf("${", done)) {
    if (at > done && text[at - 1] === "$") {
      result += `${text.slice(done, at - 1)}\${`;
      done = at + 2;
      continue;
    }
    const end = text.indexOf("}", at);
    const match = end === -1 ? null : /^([A-Za-z_]\w*)(?::-([^]*))?$/.exec(text.slice(at + 2, end));
    if (match === null) {
      fault("expected `${NAME}` or `${NAME:-default}` (write `$${` for a literal `${`)");
      return text;
    }
    const [, name = "", fallback] = match;
    use(name);
    result += text.slice(done, at) + valueOf(name, fallback, environment, fault);
    done = end + 1;
  }
  return result + text.slice(done);
}

function valueOf(
  name: string,
  fallback: string | undefined,
  environment: Environment,
  fault: (message: string) => void,
): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
  if (value === undefined) fault(`the environment variable ${quote(name)} is not set`);
  return value ?? "";
}
