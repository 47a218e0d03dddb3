import { assuranceReaches } from "../domain/identity.js";
import type { Assurance, RuntimeIdentity } from "../domain/identity.js";
import type { Action, SecretPolicy } from "../domain/policy.js";

/** Everything a policy may look at. */
export interface AccessFacts {
  readonly identity: RuntimeIdentity;
  readonly assurance: Assurance;
  /** `undefined` when mapping rules are configured and none matches the identity. */
  readonly principal: string | undefined;
  readonly action: Action;
  readonly reason: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** One condition a policy may set. Rows are independent: no row looks at another, and their order is for reading only. */
export interface Condition {
  /** The key in the configuration. */
  readonly key: string;
  /** Whether the policy sets this condition at all. */
  readonly restricts: (policy: SecretPolicy) => boolean;
  readonly met: (policy: SecretPolicy, facts: AccessFacts) => boolean;
  /** The facts that decided, one line, for a met and an unmet condition alike. */
  readonly reason: (policy: SecretPolicy, facts: AccessFacts) => string;
  /** What would have to change for an unmet condition to be met. */
  readonly remedy: (policy: SecretPolicy, facts: AccessFacts) => string;
}

const identityLists = [
  { key: "environments", field: "environment", list: (policy: SecretPolicy) => policy.environments },
  { key: "machines", field: "machine", list: (policy: SecretPolicy) => policy.machines },
  { key: "apps", field: "app", list: (policy: SecretPolicy) => policy.apps },
  { key: "substrates", field: "substrate", list: (policy: SecretPolicy) => policy.substrates },
] as const;

const identityConditions: readonly Condition[] = identityLists.map(({ key, field, list }) => ({
  key,
  restricts: (policy) => list(policy) !== undefined,
  met: (policy, { identity }) => {
    const value = identity[field];
    return value !== undefined && list(policy)?.includes(value) === true;
  },
  reason: (policy, { identity }) => `${field} is ${shown(identity[field])}; ${key}: ${listed(list(policy))}`,
  remedy: (policy, { identity }) =>
    identity[field] === undefined
      ? `ask with ${article(field)} ${field} out of ${listed(list(policy))}`
      : `add ${shown(identity[field])} to policies.${policy.name}.${key}`,
}));

/** The table of conditions. Adding one means adding a row here and its key to the configuration's reader. */
export const conditions: readonly Condition[] = [
  {
    key: "allowed_principals",
    restricts: () => true,
    met: (policy, { principal }) => principal !== undefined && policy.allowedPrincipals.includes(principal),
    reason: (policy, { principal }) =>
      principal === undefined
        ? "no rule in principals matches this identity"
        : `principal is ${shown(principal)}; allowed_principals: ${listed(policy.allowedPrincipals)}`,
    remedy: (policy, { principal }) =>
      principal === undefined
        ? "add a rule to principals that matches this identity"
        : `add ${shown(principal)} to policies.${policy.name}.allowed_principals`,
  },
  {
    key: "actions",
    restricts: () => true,
    met: (policy, { action }) => policy.actions.includes(action),
    reason: (policy, { action }) => `action is ${action}; actions: ${listed(policy.actions)}`,
    remedy: (policy, { action }) => `add ${action} to policies.${policy.name}.actions`,
  },
  ...identityConditions,
  {
    key: "expires",
    restricts: (policy) => policy.expires !== undefined,
    met: (policy, { now }) => policy.expires !== undefined && now < policy.expires,
    reason: (policy, { now }) => `the time is ${instant(now)}; the policy ends at ${instant(policy.expires)}`,
    remedy: (policy) => `set a later date in policies.${policy.name}.expires`,
  },
  {
    key: "min_assurance",
    restricts: (policy) => policy.minAssurance !== undefined,
    met: (policy, { assurance }) =>
      policy.minAssurance !== undefined && assuranceReaches(assurance, policy.minAssurance),
    reason: (policy, { assurance }) => `the identity is ${assurance}; min_assurance: ${policy.minAssurance ?? "none"}`,
    remedy: (policy) => `ask with an identity that is ${policy.minAssurance ?? "claimed"}`,
  },
  {
    key: "require_reason",
    restricts: (policy) => policy.requireReason === true,
    met: (_policy, { reason }) => reason !== undefined && reason.trim() !== "",
    reason: (_policy, { reason }) => (reason?.trim() ? "a reason was given" : "no reason was given"),
    remedy: () => "give a reason (`--reason`, or `reason` in the request)",
  },
];

function shown(value: string | undefined): string {
  return value === undefined ? "not given" : JSON.stringify(value);
}

function listed(values: readonly string[] | undefined): string {
  return `[${(values ?? []).join(", ")}]`;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

function instant(milliseconds: number | undefined): string {
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return "an unknown time";
  return new Date(milliseconds).toISOString();
}
