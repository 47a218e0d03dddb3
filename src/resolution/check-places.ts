import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import type { BackendDefinition, Finding } from "../backends/contract.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretStore } from "../domain/store.js";
import { quote } from "../errors.js";

/** What is known of a configured store without asking it. */
export interface StorePlace {
  readonly store: SecretStore;
  readonly definition: BackendDefinition;
  /** The stores it asks, at any depth; itself when it asks none. */
  readonly leaves: readonly string[];
}

/**
 * What looks like two places and is one. A policy is about a name: two names of one value under two policies let a caller have
 * by the one what the other refuses.
 *
 * @returns findings by the name of the store or ref they are about; all are warnings
 */
export function sharedPlaces(
  stores: readonly StorePlace[],
  refs: readonly SecretRef[],
  baseDirectory: string,
): { readonly stores: ReadonlyMap<string, Finding>; readonly refs: ReadonlyMap<string, Finding> } {
  const places = new Map(
    stores.map(({ store, definition }) => [store.name, placeOf(store, definition, baseDirectory)]),
  );
  const firstAt = new Map<string, string>();
  const sameStores = new Map<string, Finding>();
  for (const [name, place] of places) {
    const first = firstAt.get(place);
    if (first === undefined) firstAt.set(place, name);
    else
      sameStores.set(
        name,
        warning(`is the same place as the store ${quote(first)}`, "give one of them up, or correct its options"),
      );
  }
  return { stores: sameStores, refs: sharedRefs(stores, refs, places) };
}

function sharedRefs(
  stores: readonly StorePlace[],
  refs: readonly SecretRef[],
  places: ReadonlyMap<string, string>,
): ReadonlyMap<string, Finding> {
  const leaves = new Map(stores.map(({ store, leaves: names }) => [store.name, names]));
  const refsAt = new Map<string, SecretRef[]>();
  for (const ref of refs) {
    for (const leaf of new Set((leaves.get(ref.store) ?? []).map((name) => places.get(name) ?? name))) {
      const key = `${leaf}\0${ref.path}`;
      const known = refsAt.get(key);
      if (known === undefined) refsAt.set(key, [ref]);
      else known.push(ref);
    }
  }
  const findings = new Map<string, Finding>();
  for (const group of refsAt.values()) {
    for (const ref of group) {
      const other = group.find(({ policy }) => policy !== ref.policy);
      if (other === undefined || findings.has(ref.name)) continue;
      const message = `may be the value of ${quote(other.name)}, too, which is under the policy ${quote(other.policy)}`;
      findings.set(ref.name, warning(message, "give both the same policy, or one of them another path"));
    }
  }
  return findings;
}

/** One text for each place. Keys and programs say how a store is opened, not where it is. */
function placeOf(
  { name, options }: SecretStore,
  { kind, options: table, endsWithProcess }: BackendDefinition,
  baseDirectory: string,
): string {
  const rows = Object.entries(table);
  const isOfMembers = rows.some(([, { type }]) => type === "stores");
  if (isOfMembers || endsWithProcess === true) return `${kind} ${name}`;
  const where = rows
    .filter(([, { type, needsTrust }]) => type !== "key" && needsTrust !== "runs a program")
    .map(([option, row]) => {
      const value = options[option] ?? row.default;
      return [option, row.type === "file" && typeof value === "string" ? realFile(baseDirectory, value) : value];
    });
  return `${kind} ${JSON.stringify(where)}`;
}

function realFile(baseDirectory: string, file: string): string {
  const absolute = resolve(baseDirectory, file);
  try {
    return realpathSync(absolute);
  } catch {
    return absolute;
  }
}

function warning(message: string, hint: string): Finding {
  return { severity: "warning", message, hint };
}
