import { ConfigurationError, quote } from "../errors.js";
import type { SecretPolicy } from "../domain/policy.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretStore } from "../domain/store.js";

/** Things by their name. Read-only once made. */
class Registry<T extends { readonly name: string }> {
  readonly #entries: ReadonlyMap<string, T>;

  /** @throws ConfigurationError naming every name that occurs twice */
  constructor(kind: string, entries: Iterable<T> | ReadonlyMap<string, T>) {
    if (readsOnDemand(entries)) {
      this.#entries = entries;
      return;
    }
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

/** A map that is no `Map` is a view, whose names its maker keeps apart; a `Map` could be changed by whoever made it. */
function readsOnDemand<T>(entries: Iterable<T> | ReadonlyMap<string, T>): entries is ReadonlyMap<string, T> {
  return !Array.isArray(entries) && "get" in entries && "keys" in entries;
}

export class SecretRefRegistry extends Registry<SecretRef> {
  /** @param refs - the refs, or a read-only view that gives each when it is asked for */
  constructor(refs: Iterable<SecretRef> | ReadonlyMap<string, SecretRef>) {
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
