import { InvalidInputError, quote } from "../../errors.js";
import { isOwnName } from "../../domain/key-source.js";
import { canonicalSecretName, environmentName } from "../../domain/names.js";
import { loaderFault } from "../loader-variables.js";

/** How one secret reaches a program: its value in a variable, or a file whose path a variable holds. */
export interface Delivery {
  readonly name: string;
  readonly variable: string;
  readonly form: "value" | "file";
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Each name as a variable of its own.
 *
 * @param prefix - stands before the upper-case name
 * @throws InvalidInputError for a prefix no variable can start with
 */
export function valueDeliveries(names: readonly string[], prefix: string): readonly Delivery[] {
  requirePrefix(prefix);
  return names.map((name) => ({ name, variable: prefix + environmentName(name), form: "value" }));
}

/**
 * What `--as-file` asks for.
 *
 * @param requests - `NAME`, whose variable is `NAME_FILE` after the prefix, or `NAME=VARIABLE`
 * @throws InvalidInputError for what is no name or no variable
 */
export function fileDeliveries(requests: readonly string[], prefix: string): readonly Delivery[] {
  requirePrefix(prefix);
  return requests.map((request) => {
    const at = request.indexOf("=");
    const name = canonicalSecretName(at === -1 ? request : request.slice(0, at));
    const variable = at === -1 ? `${prefix}${environmentName(name)}_FILE` : request.slice(at + 1);
    if (!variableName.test(variable)) {
      // It may be the value, of somebody who took this for an assignment.
      throw new InvalidInputError(`what follows ${quote(`${name}=`)} is not the name of a variable`, {
        hint: "use letters, digits and `_`, not starting with a digit: `--as-file tls_key=TLS_KEY_PATH`",
      });
    }
    return { name, variable, form: "file" };
  });
}

/** Why a variable is never given to a program, or `undefined` for one that is harmless. */
export function deliveryFault({ name, variable }: Delivery): string | undefined {
  const ours = isOwnName(variable) && variable !== environmentName(name);
  return ours ? `${quote(variable)} is a variable of mxm-secrets itself` : loaderFault(variable);
}

/** @throws InvalidInputError for a variable that would change what the program loads or runs, and for one used twice */
export function requireDeliverable(deliveries: readonly Delivery[]): void {
  const taken = new Map<string, string>();
  for (const delivery of deliveries) {
    const { name, variable } = delivery;
    const fault = deliveryFault(delivery);
    if (fault !== undefined) throw new InvalidInputError(`${quote(name)} cannot be given to a command: ${fault}`);
    const other = taken.get(variable);
    if (other !== undefined) {
      const both = other === name ? `${quote(name)} twice` : `both ${quote(other)} and ${quote(name)}`;
      throw new InvalidInputError(`the variable ${quote(variable)} would hold ${both}`, {
        hint: "give one of them a variable of its own: `--as-file NAME=VARIABLE`",
      });
    }
    taken.set(variable, name);
  }
}

function requirePrefix(prefix: string): void {
  if (prefix === "" || variableName.test(prefix)) return;
  throw new InvalidInputError(`no variable can start with ${quote(prefix)}`, {
    hint: "use letters, digits and `_`, not starting with a digit: `--env-prefix APP_`",
  });
}
