import { ConfigurationError, quote } from "../errors.js";
import type { SecretPolicy } from "../domain/policy.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretStore } from "../domain/store.js";

/** Things by their name. Read-only once made. */
class Registry<T extends { readonly name: string }> {
  readonly #entries: ReadonlyMap<string, T>;

  /** @throws ConfigurationError naming every name that occurs twice */
  constructor(kind: string, entries: Iterable<T>) {
    const map = new Map<string, T>();
    const duplicates = new Set<string>();
    for (const entry of entries) {
      if (map.has(entry.name)) duplicates.add(entry.name);
      map.set(entry.name, Object.isFrozen(entry) ? entry : Object.freeze({ ...entry }));
    }
    if (duplicates.size > 0) {
      const problems = [...duplicates].map((name) => ({
        path: [kind, name],
        message: "expected one entry, found two",
      }));
      throw new ConfigurationError(`${kind}: ${[...duplicates].map(quote).join(", ")} defined twice`, problems);
    }
    this.#entries = map;
    Object.freeze(this);
  }

  /** @returns `undefined` for a name that is not there */
  get(name: string): T | undefined {
    return this.#entries.get(name);
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Every name, sorted. */
  names(): readonly string[] {
    return [...this.#entries.keys()].toSorted();
  }
}

export class SecretRefRegistry extends Registry<SecretRef> {
  constructor(refs: Iterable<SecretRef>) {
    super("refs", refs);
  }
}

export class SecretStoreRegistry extends Registry<SecretStore> {
  constructor(stores: Iterable<SecretStore>) {
    super("stores", stores);
  }
}

export class SecretPolicyRegistry extends Registry<SecretPolicy> {
  constructor(policies: Iterable<SecretPolicy>) {
    super("policies", policies);
  }
}
