import type { BackendCall, BackendDefinition, Finding, Presence, StoreReport } from "../backends/contract.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretStore } from "../domain/store.js";
import { checkRef, reportedFinding } from "./check-ref.js";
import type { CheckedRef, MayRead } from "./check-ref.js";
import { sharedPlaces } from "./check-places.js";
import type { StorePlace } from "./check-places.js";
import type { SecretRefRegistry, SecretStoreRegistry } from "./registries.js";
import type { Stores } from "./stores.js";

/** The state of one configured store. */
export interface CheckedStore {
  readonly name: string;
  readonly backend: string;
  readonly enforcement: BackendDefinition["enforcement"];
  readonly findings: readonly Finding[];
}

/** Value-free readiness of everything configured. `ok` is false as soon as one finding is a problem. */
export interface CheckReport {
  readonly ok: boolean;
  readonly stores: readonly CheckedStore[];
  readonly refs: readonly CheckedRef[];
}

/**
 * Asks every store about itself and the paths of its refs. Reads no value; an unhealthy store is a finding, no throw. What a
 * chain finds out about its members stands with them, once.
 */
export async function check(
  stores: Stores,
  registries: { readonly refs: SecretRefRegistry; readonly stores: SecretStoreRegistry },
  mayRead: MayRead,
  call: BackendCall,
): Promise<CheckReport> {
  const refs = registries.refs.names().flatMap((name) => registries.refs.get(name) ?? []);
  const names = registries.stores.names();
  const reports = new Map<string, StoreReport>();
  for (const name of names) {
    const own = refs.filter((ref) => ref.store === name);
    reports.set(name, await reportOn(stores, name, own, call));
  }
  const places = names.flatMap((name) => placesOf(stores, registries.stores.get(name)));
  const shared = sharedPlaces(places, refs, stores.baseDirectory);
  const checkedStores = names.map((name) => ({
    name,
    ...describe(stores, name, registries.stores),
    findings: [
      ...findingsOf(
        name,
        reports,
        refs.some((ref) => ref.store === name),
      ),
      ...optional(shared.stores.get(name)),
    ],
  }));
  const checkedRefs = refs.map((ref) => {
    const report = reports.get(ref.store) ?? nothing;
    const checked = checkRef(stores, ref, report, { mayRead, registry: registries.stores });
    return { ...checked, findings: [...checked.findings, ...optional(shared.refs.get(ref.name))] };
  });
  const findings = [...checkedStores, ...checkedRefs].flatMap((checked) => checked.findings);
  return {
    ok: !findings.some((finding) => finding.severity === "problem"),
    stores: checkedStores,
    refs: checkedRefs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function placesOf(stores: Stores, store: SecretStore | undefined): readonly StorePlace[] {
  if (store === undefined) return [];
  try {
    return [{ store, definition: stores.definition(store.name), leaves: stores.leaves(store.name) }];
  } catch {
    return [];
  }
}

const nothing: StoreReport = { findings: [], presence: new Map() };

/**
 * What a store says of itself, and what the chains that ask it were told, each once. A store that is only asked by chains is
 * as grave a matter as these take it: what all of them pass over is a warning.
 */
function findingsOf(name: string, reports: ReadonlyMap<string, StoreReport>, hasRefs: boolean): readonly Finding[] {
  const own = (reports.get(name)?.findings ?? []).filter(({ store = name }) => store === name);
  const told = [...reports].flatMap(([chain, { findings }]) =>
    chain === name ? [] : findings.filter(({ store }) => store === name),
  );
  const merged = new Map<string, Finding>();
  for (const { store: _store, ...finding } of [...own, ...told]) {
    const key = JSON.stringify([finding.message, finding.code]);
    const heard = told.filter(({ message, code }) => message === finding.message && code === finding.code);
    const isMild = heard.length > 0 && !hasRefs && heard.every(({ severity }) => severity === "warning");
    if (!merged.has(key)) merged.set(key, isMild ? { ...finding, severity: "warning" } : finding);
  }
  return [...merged.values()];
}

function optional(finding: Finding | undefined): readonly Finding[] {
  return finding === undefined ? [] : [finding];
}

function describe(stores: Stores, name: string, registry: SecretStoreRegistry) {
  try {
    return { backend: stores.definition(name).kind, enforcement: stores.enforcement(name) };
  } catch {
    return { backend: registry.get(name)?.backend ?? "unknown", enforcement: "advisory" as const };
  }
}

async function reportOn(
  stores: Stores,
  name: string,
  refs: readonly SecretRef[],
  call: BackendCall,
): Promise<StoreReport> {
  const paths = [...new Set(refs.map((ref) => ref.path))];
  const unknown = new Map<string, Presence>(paths.map((path) => [path, "unknown"]));
  try {
    const { backend, definition } = stores.open(name);
    const held = paths.filter((path) => definition.paths.fault(path) === undefined);
    const policies = new Map(refs.map((ref) => [ref.path, ref.policy]));
    if (backend.check !== undefined) return await backend.check(held, call, policies);
    if (backend.list === undefined) return { findings: [], presence: unknown };
    const listed = new Set(await backend.list(call));
    return { findings: [], presence: new Map(held.map((path) => [path, listed.has(path) ? "present" : "absent"])) };
  } catch (thrown) {
    return { findings: [reportedFinding(name, thrown)], presence: unknown };
  }
}
