import type { BackendDefinition } from "../backends/contract.js";
import { requireSize } from "../backends/limits.js";
import { builtInBackends } from "../backends/registry.js";
import type { SecretsConfig } from "../domain/config.js";
import { quote, UnsupportedError } from "../errors.js";

/**
 * Refuses, before anything is asked for or written, a value that the store of a configured name cannot take, or would
 * lose when the command ends.
 *
 * @param value - left out where it is not known yet
 * @throws UnsupportedError, InvalidInputError
 */
export function requireTaken(name: string, config: Pick<SecretsConfig, "refs" | "stores">, value?: Uint8Array): void {
  const { store } = config.refs.get(name) ?? {};
  if (store === undefined) return;
  for (const { holder, definition } of holdersOf(store, config)) {
    const what = `the ${quote(definition.kind)} backend`;
    if (!definition.can.write) throw new UnsupportedError(`store ${quote(holder)} is read-only: ${what} cannot write`);
    if (definition.endsWithProcess === true) {
      throw new UnsupportedError(
        `store ${quote(holder)} would lose the value at once: ${what} ends with this command`,
        {
          hint: "choose another store with --store",
        },
      );
    }
    if (value !== undefined) requireSize(definition, value);
  }
}

/** The store itself, and the one it hands its writes to. The configuration has no cycles. */
function* holdersOf(
  store: string,
  config: Pick<SecretsConfig, "stores">,
): Generator<{ readonly holder: string; readonly definition: BackendDefinition }> {
  const { backend, options } = config.stores.get(store) ?? {};
  const definition = builtInBackends.find(({ kind }) => kind === backend);
  if (definition === undefined) return;
  yield { holder: store, definition };
  for (const [option, { type }] of Object.entries(definition.options)) {
    const next = options?.[option];
    if (type === "store" && typeof next === "string") yield* holdersOf(next, config);
  }
}
