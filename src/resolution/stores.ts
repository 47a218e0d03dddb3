import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigurationError, quote } from "../errors.js";
import { fileOfKey, keyVariablesOf } from "../domain/key-source.js";
import type { BackendContext, BackendDefinition, OpenedStore } from "../backends/contract.js";
import { requirePath } from "../backends/limits.js";
import type { AskedStore } from "./api-types.js";
import type { SecretRef, ResolvedSecretLocation } from "../domain/ref.js";
import type { SecretStoreRegistry } from "./registries.js";

const mostAsked = 1000;

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
      isOwnFile: (real) => this.#keyFiles().includes(real),
    };
  }

  /** Relative files of the configuration are taken from here. */
  get baseDirectory(): string {
    return this.#context.baseDirectory;
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

  /** The stores that a store asks, in their order: none for most. */
  members(name: string): readonly string[] {
    return this.#named(name, "stores");
  }

  /** The stores that a store hands its writes to: none for most. */
  receivers(name: string): readonly string[] {
    return this.#named(name, "store");
  }

  #named(name: string, wanted: "store" | "stores"): readonly string[] {
    const store = this.#registry.get(name);
    const table = this.#kinds.get(store?.backend ?? "")?.options ?? {};
    return Object.keys(table).flatMap((option) => {
      if (table[option]?.type !== wanted) return [];
      const value = store?.options[option];
      return [value ?? []].flat().map(String);
    });
  }

  /**
   * The stores that are asked for a ref whose store is a chain, in their order, those of a chain within it behind it: the
   * first thousand, because chains of chains may ask the same few in more ways than there is time for.
   */
  asked(ref: Pick<SecretRef, "store" | "path">): readonly AskedStore[] {
    const asked: AskedStore[] = [];
    for (const member of this.#askedIn(ref.store, ref.path, [])) {
      if (asked.push(member) === mostAsked) break;
    }
    return asked;
  }

  *#askedIn(chain: string, path: string, at: readonly number[]): Generator<AskedStore> {
    const receivers = this.receivers(chain);
    for (const [index, store] of this.members(chain).entries()) {
      const { kind, paths } = this.definition(store);
      const position = [...at, index + 1];
      yield {
        store,
        backend: kind,
        enforcement: this.enforcement(store),
        position,
        cannotHold: paths.fault(path),
        receivesWrites: receivers.includes(store),
      };
      yield* this.#askedIn(store, path, position);
    }
  }

  /** Whether a store is another one, or a chain that asks it. */
  reaches(from: string, to: string): boolean {
    return this.#reached(from).has(to);
  }

  /** The stores a value of this one can really be in: itself, or those that a chain asks, at any depth. */
  leaves(name: string): readonly string[] {
    return [...this.#reached(name)].filter((reached) => this.members(reached).length === 0);
  }

  /** Each store once, however many ways lead to it. */
  #reached(from: string): ReadonlySet<string> {
    const reached = new Set<string>();
    const open = [from];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (reached.has(name)) continue;
      reached.add(name);
      open.push(...this.members(name).toReversed());
    }
    return reached;
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

  /** The files that keys of any store are in, and those that replaced keys were kept in, without links. */
  #keyFiles(): readonly string[] {
    const keys = this.#registry.names().flatMap((name) => {
      const { backend = "", options = {} } = this.#registry.get(name) ?? {};
      const table = this.#kinds.get(backend)?.options ?? {};
      const file = typeof options["path"] === "string" ? options["path"] : "";
      const sources = Object.keys(table).filter((option) => table[option]?.type === "key");
      return sources.flatMap((option) => {
        const source = options[option];
        return source === undefined ? join(dirname(file), ".key") : (fileOfKey(source) ?? []);
      });
    });
    return keys
      .flatMap((key) => [key, `${key}.old`])
      .flatMap((key) => realFile(resolve(this.#context.baseDirectory, key)) ?? []);
  }

  /** Where a ref lies. @throws InvalidInputError when its store cannot hold such a path */
  locate(ref: SecretRef): ResolvedSecretLocation {
    const definition = this.definition(ref.store);
    requirePath(ref.store, definition, ref.path);
    return { ref: ref.name, store: ref.store, backend: definition.kind, path: ref.path };
  }
}

function realFile(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    // What is not there cannot be given away.
    return undefined;
  }
}
