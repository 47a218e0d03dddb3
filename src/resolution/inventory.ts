import { isSecretsError } from "../errors.js";
import type { AnySecretsError } from "../errors.js";
import { guard } from "../backends/read-all.js";
import type { BackendCall } from "../backends/contract.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretRefRegistry } from "./registries.js";
import type { Stores } from "./stores.js";

const millisecondsOfDay = 86_400_000;

/** What is known of one secret without its value. Times are RFC 3339, UTC, whole seconds. */
export interface InventoryEntry {
  readonly name: string;
  readonly store: string;
  readonly backend: string;
  readonly policy: string;
  readonly description?: string;
  readonly owner?: string;
  readonly usedBy: readonly string[];
  /** What a rotation involves, in the team's words. */
  readonly rotation?: string;
  readonly rotateEveryDays?: number;
  /** `unknown`: there may be a value, and its store does not tell since when. */
  readonly age: "known" | "unknown" | "absent";
  readonly lastChanged?: string;
  /** When the value should change again; missing without `rotate_every` or a known age. */
  readonly rotationDue?: string;
  readonly isOverdue: boolean;
}

/** Every configured secret, sorted by name, and why some store could not say anything. */
export interface Inventory {
  readonly entries: readonly InventoryEntry[];
  readonly failures: readonly { readonly store: string; readonly error: AnySecretsError }[];
}

/** Asks every store that knows when its values were written. Reads no value; a store that fails leaves its ages unknown. */
export async function takeInventory(
  stores: Stores,
  refs: SecretRefRegistry,
  names: readonly string[],
  now: number,
  call: BackendCall,
): Promise<Inventory> {
  const all = names.flatMap((name) => refs.get(name) ?? []);
  const failures: Inventory["failures"][number][] = [];
  const ages = new Map<string, ReadonlyMap<string, number | undefined>>();
  for (const store of new Set(all.map((ref) => ref.store))) {
    try {
      const paths = all.filter((ref) => ref.store === store).map((ref) => ref.path);
      const changed = await changedIn(stores, store, paths, call);
      if (changed !== undefined) ages.set(store, changed);
    } catch (error) {
      if (!isSecretsError(error)) throw error;
      failures.push({ store, error });
    }
  }
  const entries = all.map((ref) => entryOf(ref, backendOf(stores, ref.store), ages.get(ref.store), now));
  return { entries, failures };
}

/** @returns `undefined` for a store that knows no times */
async function changedIn(
  stores: Stores,
  name: string,
  paths: readonly string[],
  call: BackendCall,
): Promise<ReadonlyMap<string, number | undefined> | undefined> {
  const store = stores.open(name);
  const { backend, definition } = store;
  const held = [...new Set(paths)].filter((path) => definition.paths.fault(path) === undefined);
  return guard(store, async () => backend.changed?.(held, call));
}

/** A store of an unknown kind is among the failures already. */
function backendOf(stores: Stores, store: string): string {
  try {
    return stores.definition(store).kind;
  } catch {
    return "unknown";
  }
}

function entryOf(
  ref: SecretRef,
  backend: string,
  changed: ReadonlyMap<string, number | undefined> | undefined,
  now: number,
): InventoryEntry {
  const { name, store, policy, description, owner, usedBy = [], rotation, rotateEveryDays } = ref;
  const time = changed?.get(ref.path);
  const due =
    time === undefined || rotateEveryDays === undefined ? undefined : time + rotateEveryDays * millisecondsOfDay;
  return {
    name,
    store,
    backend,
    policy,
    ...(description === undefined ? {} : { description }),
    ...(owner === undefined ? {} : { owner }),
    usedBy,
    ...(rotation === undefined ? {} : { rotation }),
    ...(rotateEveryDays === undefined ? {} : { rotateEveryDays }),
    age: ageOf(ref.path, changed),
    ...(time === undefined ? {} : { lastChanged: formatTime(time) }),
    ...(due === undefined ? {} : { rotationDue: formatTime(due) }),
    isOverdue: due !== undefined && due <= now,
  };
}

function ageOf(path: string, changed: ReadonlyMap<string, number | undefined> | undefined): InventoryEntry["age"] {
  if (changed === undefined) return "unknown";
  if (!changed.has(path)) return "absent";
  return changed.get(path) === undefined ? "unknown" : "known";
}

function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
