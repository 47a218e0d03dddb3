import { isOwnName } from "../domain/key-source.js";
import { environmentNameOfPath } from "../domain/names.js";
import { quote, SecretsError } from "../errors.js";
import type { BackendCall, BackendDefinition, Finding, Presence, StoreReport } from "../backends/contract.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretRefRegistry, SecretStoreRegistry } from "./registries.js";
import type { Stores } from "./stores.js";

/** The state of one configured store. */
export interface CheckedStore {
  readonly name: string;
  readonly backend: string;
  readonly enforcement: BackendDefinition["enforcement"];
  readonly findings: readonly Finding[];
}

/** The state of one ref. */
export interface CheckedRef {
  readonly name: string;
  readonly store: string;
  readonly policy: string;
  readonly presence: Presence;
  readonly findings: readonly Finding[];
}

/** Value-free readiness of everything configured. `ok` is false as soon as one finding is a problem. */
export interface CheckReport {
  readonly ok: boolean;
  readonly stores: readonly CheckedStore[];
  readonly refs: readonly CheckedRef[];
}

/** Whether the policy lets the caller read a ref; `undefined` when it is not known who the caller is. */
export type MayRead = (ref: SecretRef) => boolean | undefined;

/** Asks every store about itself and the paths of its refs. Reads no value; an unhealthy store is a finding, no throw. */
export async function check(
  stores: Stores,
  registries: { readonly refs: SecretRefRegistry; readonly stores: SecretStoreRegistry },
  mayRead: MayRead,
  call: BackendCall,
): Promise<CheckReport> {
  const refs = registries.refs.names().flatMap((name) => registries.refs.get(name) ?? []);
  const checkedStores: CheckedStore[] = [];
  const checkedRefs: CheckedRef[] = [];
  for (const name of registries.stores.names()) {
    const own = refs.filter((ref) => ref.store === name);
    const { backend, enforcement } = describe(stores, name, registries.stores);
    const report = await reportOn(stores, name, own, call);
    checkedStores.push({ name, backend, enforcement, findings: report.findings });
    for (const ref of own) checkedRefs.push(checkRef(stores, ref, report, { mayRead, registry: registries.stores }));
  }
  const findings = [...checkedStores, ...checkedRefs].flatMap((checked) => checked.findings);
  return {
    ok: !findings.some((finding) => finding.severity === "problem"),
    stores: checkedStores,
    refs: checkedRefs.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
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
    return { findings: [findingOf(name, thrown)], presence: unknown };
  }
}

/** What a thrown error means in a report. A foreign error's text is withheld, because it may hold a value. */
function findingOf(name: string, thrown: unknown): Finding {
  if (!(thrown instanceof SecretsError)) {
    return { severity: "problem", message: `store ${quote(name)} failed unexpectedly`, code: "unavailable" };
  }
  const hint = thrown.hint === undefined ? {} : { hint: thrown.hint };
  const code = reportable.find((known) => known === thrown.code);
  return { severity: "problem", message: thrown.message, ...hint, ...(code === undefined ? {} : { code }) };
}

const reportable = ["absent", "configuration", "unavailable", "locked", "integrity"] as const;

function checkRef(
  stores: Stores,
  ref: SecretRef,
  report: StoreReport,
  { mayRead, registry }: { readonly mayRead: MayRead; readonly registry: SecretStoreRegistry },
): CheckedRef {
  const reported = report.presence.get(ref.path) ?? "unknown";
  // Without the key it is not known what the key opens, and the store's own finding says what to do.
  const isUntried = reported === "unreadable" && mayRead(ref) !== false && report.findings.some(isKeyFinding);
  const presence = isUntried ? "unknown" : reported;
  const findings: Finding[] = [];
  try {
    stores.locate(ref);
  } catch (thrown) {
    findings.push(findingOf(ref.store, thrown));
  }
  if (presence === "absent") {
    findings.push({
      severity: "problem",
      code: "absent",
      message: "no value is stored",
      hint: howToAdd(stores, ref, registry),
    });
  }
  if (presence === "unreadable") findings.push(...withoutKey(mayRead(ref)));
  return { name: ref.name, store: ref.store, policy: ref.policy, presence, findings };
}

/** A problem of the key: what keeps a store from being read at all leaves its paths unknown, not unreadable. */
function isKeyFinding({ severity, code }: Finding): boolean {
  return severity === "problem" && code !== undefined && code !== "integrity";
}

function howToAdd(stores: Stores, ref: SecretRef, registry: SecretStoreRegistry): string {
  const { can, kind } = stores.definition(ref.store);
  if (can.write) return `mxm-secrets set ${ref.name}`;
  if (kind !== "env") return `add it to the store ${quote(ref.store)}, which this program only reads`;
  const prefix = registry.get(ref.store)?.options["prefix"];
  const variable = (typeof prefix === "string" ? prefix : "") + environmentNameOfPath(ref.path);
  if (isOwnName(variable)) return "keep the secret in a variable of another name; none that begins with `MXM_`";
  return `set the environment variable ${quote(variable)}`;
}

/** A secret this machine has no key for is as it should be only when the policy does not let the caller have it. */
function withoutKey(mayRead: boolean | undefined): readonly Finding[] {
  if (mayRead === false) return [];
  const severity = mayRead === true ? "problem" : "warning";
  const message =
    mayRead === true ? "the policy lets this caller read it, and no key here opens it" : "no key here opens it";
  const hint =
    "a keyholder lets this machine in (`mxm-secrets keys add`, `gopass recipients add`), or the policy is too wide";
  return [{ severity, code: "locked", message, hint }];
}
