import { isOwnName } from "../domain/key-source.js";
import { environmentNameOfPath } from "../domain/names.js";
import { isSecretsError, quote } from "../errors.js";
import type { Finding, Presence, StoreReport } from "../backends/contract.js";
import { findingOf } from "../backends/finding.js";
import type { SecretRef } from "../domain/ref.js";
import type { SecretStoreRegistry } from "./registries.js";
import type { Stores } from "./stores.js";

/** The state of one ref. */
export interface CheckedRef {
  readonly name: string;
  readonly store: string;
  readonly policy: string;
  readonly presence: Presence;
  readonly findings: readonly Finding[];
}

/** Whether the policy lets the caller read a ref; `undefined` when it is not known who the caller is. */
export type MayRead = (ref: SecretRef) => boolean | undefined;

/** One ref, by what its store said of the path. */
export function checkRef(
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
    findings.push(reportedFinding(ref.store, thrown));
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
  const members = stores.members(ref.store);
  const isWritable = members.length === 0 || stores.receivers(ref.store).length > 0;
  if (can.write && isWritable) return `mxm-secrets set ${ref.name}`;
  if (can.write) return `add it to one of the stores that ${quote(ref.store)} asks: ${members.join(", ")}`;
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
    "a keyholder lets this machine in (`mxm-secrets keys add`, `gopass recipients add`, `sops updatekeys`), or the policy is too wide";
  return [{ severity, code: "locked", message, hint }];
}

/** What a thrown error means in a report. A foreign error's text is withheld, because it may hold a value. */
export function reportedFinding(name: string, thrown: unknown): Finding {
  if (isSecretsError(thrown)) return findingOf(thrown);
  return { severity: "problem", message: `store ${quote(name)} failed unexpectedly`, code: "unavailable" };
}
