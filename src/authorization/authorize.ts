import type { Decision } from "../domain/decision.js";
import { issueGrant } from "../domain/grant.js";
import type { Grant } from "../domain/grant.js";
import { requirePath } from "../domain/names.js";
import type { Action, SecretPolicy } from "../domain/policy.js";
import type { SecretRef } from "../domain/ref.js";
import { conditions } from "./conditions.js";
import type { AccessFacts } from "./conditions.js";

/**
 * Decides one access. Pure: the same facts give the same decision, whatever the order of lists or rows. A principal in
 * `denied_principals` is denied before anything else is asked; then every condition the policy sets must be met; an
 * error while evaluating denies.
 */
export function authorize(policy: SecretPolicy, facts: AccessFacts): Decision {
  const { assurance, principal } = facts;
  try {
    if (principal !== undefined && policy.deniedPrincipals.includes(principal)) {
      const reason = `principal is ${JSON.stringify(principal)}; denied_principals: [${policy.deniedPrincipals.join(", ")}]`;
      return deny(`${policy.name}.denied_principals`, [reason]);
    }
    const set = conditions.filter((condition) => condition.restricts(policy));
    const unmet = set.filter((condition) => !condition.met(policy, facts));
    const [first] = unmet;
    if (first !== undefined) {
      return deny(
        `${policy.name}.${first.key}`,
        unmet.map((condition) => condition.reason(policy, facts)),
      );
    }
    const reasons = set.map((condition) => condition.reason(policy, facts));
    return Object.freeze({ verdict: "allow", rule: `${policy.name}.allowed_principals`, reasons, assurance });
  } catch {
    return deny(`${policy.name}.error`, ["the policy could not be evaluated"]);
  }

  function deny(rule: string, reasons: readonly string[]): Decision {
    return Object.freeze({ verdict: "deny", rule, reasons, assurance });
  }
}

/** The decision for a name, policy or store that does not exist: nothing is allowed by default. */
export function denyByDefault(facts: Pick<AccessFacts, "assurance">, reason: string): Decision {
  return Object.freeze({ verdict: "deny", rule: "default_deny", reasons: [reason], assurance: facts.assurance });
}

/** Turns an allowing decision into the grant that backends ask for. @throws AccessDeniedError for any other */
export function grantFor(decision: Decision, facts: Pick<AccessFacts, "action">, ref: SecretRef): Grant {
  return issueGrant(decision, facts.action, ref);
}

/**
 * The decision of the one-call form, which has no configuration and so no policy: the caller reads its own gopass store
 * and its own environment.
 */
export function allowWithoutConfiguration(): Decision {
  return Object.freeze({
    verdict: "allow",
    rule: "no_configuration",
    reasons: ["there is no configuration: only this user's own gopass store and environment are asked"],
    assurance: "claimed",
  });
}

/**
 * A grant for the contract suite, which tests one backend outside any SecretsApi. It opens nothing by itself: a backend
 * reads the store it was opened for.
 *
 * @throws InvalidInputError for a malformed path
 */
export function issueGrantForContract(path: string, action: Action): Grant {
  const ref = { name: "contract", store: "under_test", path: requirePath(path), policy: "contract" };
  return issueGrant(allowWithoutConfiguration(), action, ref);
}
