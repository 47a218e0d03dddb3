import { ConfigurationError, quote } from "../errors.js";
import type { SecretRef } from "../domain/ref.js";
import { addRef } from "../runtime/edit-config.js";
import { misuse } from "./arguments.js";
import type { Arguments } from "./arguments.js";
import { requireFreePath, requireKnown } from "./known.js";
import { requireConfiguration } from "./session.js";
import type { Session } from "./session.js";

/**
 * The ref of a new name: in the store and under the policy of `--store` and `--policy`, else of `defaults:`.
 *
 * @throws ConfigurationError when one of the two is missing or unknown; InvalidInputError when its path is taken
 */
export function newRef(name: string, { config }: Session, args: Arguments): SecretRef {
  const chosen = (field: "store" | "policy"): string => {
    const value = args.option(field) ?? config.defaults[field];
    if (value !== undefined) return value;
    throw new ConfigurationError(`${quote(name)} is a new name and has no ${field}`, [], {
      hint: `give --${field}, or set defaults.${field} in the configuration`,
    });
  };
  const [storeName, policy] = [chosen("store"), chosen("policy")];
  requireKnown("store", storeName, config.stores);
  requireKnown("policy", policy, config.policies);
  const ref = { name, store: storeName, path: name, policy };
  requireFreePath(ref, config.refs);
  return ref;
}

/** Refuses `--store` and `--policy` that say something else than a configured ref. @throws InvalidInputError */
export function requireSame(known: SecretRef, args: Arguments): void {
  for (const field of ["store", "policy"] as const) {
    const wanted = args.option(field);
    if (wanted === undefined || wanted === known[field]) continue;
    throw misuse(
      args.command,
      `${quote(known.name)} has ${field} ${quote(known[field])}; change it in the configuration, then set the value again`,
    );
  }
}

/** Writes a ref down. Another process may have named it meanwhile, which is well when it said the same. */
export async function nameIt(ref: SecretRef, file: string, args: Arguments): Promise<void> {
  try {
    await addRef(file, ref.name, ref);
  } catch (thrown) {
    const present = (await requireConfiguration(args)).config.refs.get(ref.name);
    if (present?.store !== ref.store || present.path !== ref.path || present.policy !== ref.policy) throw thrown;
  }
}
