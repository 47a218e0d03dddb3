import { ConfigurationError, quote } from "../errors.js";
import { keyVariablesOf } from "../domain/key-source.js";
import type { BackendContext, BackendDefinition, OpenedStore } from "../backends/contract.js";
import { requirePath } from "../backends/limits.js";
import type { SecretRef, ResolvedSecretLocation } from "../domain/ref.js";
import type { SecretStoreRegistry } from "./registries.js";

/** Opens configured stores on first use, and says where a ref lies. Opening touches no store: reading does. */
export class Stores {
  readonly #registry: SecretStoreRegistry;
  readonly #kinds: ReadonlyMap<string, BackendDefinition>;
  readonly #context: BackendContext;
  readonly #opened = new Map<string, OpenedStore>();
  #ownVariables: ReadonlySet<string> | undefined;

  constructor(
    registry: SecretStoreRegistry,
    kinds: ReadonlyMap<string, BackendDefinition>,
    context: Omit<BackendContext, "openStore">,
  ) {
    this.#registry = registry;
    this.#kinds = kinds;
    this.#context = {
      ...context,
      openStore: (name) => this.open(name),
      isOwnVariable: (name) => this.#keyVariables().has(name.toUpperCase()),
    };
  }

  /** The row of the registry behind a store. @throws ConfigurationError for an unknown store or backend */
  definition(name: string): BackendDefinition {
    const store = this.#registry.get(name);
    if (store === undefined) throw new ConfigurationError(`there is no store ${quote(name)}`);
    const definition = this.#kinds.get(store.backend);
    if (definition === undefined) throw new ConfigurationError(`there is no backend ${quote(store.backend)}`);
    return definition;
  }

  /** Who refuses a reader the policy does not allow, as the store is now. A store that cannot be looked at is as it should be. */
  enforcement(name: string): BackendDefinition["enforcement"] {
    const definition = this.definition(name);
    try {
      const options = this.#registry.get(name)?.options ?? {};
      return definition.presentEnforcement?.({ name, options }, this.#context) ?? definition.enforcement;
    } catch {
      return definition.enforcement;
    }
  }

  /** @throws ConfigurationError as {@link Stores.definition} does, or when the backend refuses its options */
  open(name: string): OpenedStore {
    const existing = this.#opened.get(name);
    if (existing !== undefined) return existing;
    const definition = this.definition(name);
    const options = this.#registry.get(name)?.options ?? {};
    const opened = { name, definition, backend: definition.open({ name, options }, this.#context) };
    this.#opened.set(name, opened);
    return opened;
  }

  /** Whether a store is another one, or a chain that asks it. */
  reaches(from: string, to: string): boolean {
    if (from === to) return true;
    const store = this.#registry.get(from);
    const table = this.#kinds.get(store?.backend ?? "")?.options ?? {};
    const members = Object.keys(table).flatMap((option) => {
      const value = store?.options[option];
      return table[option]?.type === "stores" && Array.isArray(value) ? value.map(String) : [];
    });
    return members.some((member) => this.reaches(member, to));
  }

  /** The variables that keys of any store come from, in upper case. */
  #keyVariables(): ReadonlySet<string> {
    this.#ownVariables ??= new Set(
      this.#registry.names().flatMap((name) => {
        const { backend = "", options = {} } = this.#registry.get(name) ?? {};
        const table = this.#kinds.get(backend)?.options ?? {};
        return keyVariablesOf(table, options).map((variable) => variable.toUpperCase());
      }),
    );
    return this.#ownVariables;
  }

  /** Where a ref lies. @throws InvalidInputError when its store cannot hold such a path */
  locate(ref: SecretRef): ResolvedSecretLocation {
    const definition = this.definition(ref.store);
    requirePath(ref.store, definition, ref.path);
    return { ref: ref.name, store: ref.store, backend: definition.kind, path: ref.path };
  }
}
