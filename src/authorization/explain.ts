import type { SecretPolicy } from "../domain/policy.js";
import { conditions } from "./conditions.js";
import type { AccessFacts } from "./conditions.js";

/**
 * The smallest set of changes that would turn this decision into its opposite: for a denial all of them are needed, for
 * an allow any one is enough. One line each.
 */
export function smallestChange(policy: SecretPolicy, facts: AccessFacts): readonly string[] {
  const { principal } = facts;
  const isDenied = principal !== undefined && policy.deniedPrincipals.includes(principal);
  const unmet = conditions.filter((condition) => condition.restricts(policy) && !condition.met(policy, facts));
  if (!isDenied && unmet.length === 0) {
    return [`remove ${JSON.stringify(principal)} from policies.${policy.name}.allowed_principals`];
  }
  const remedies = unmet.map((condition) => condition.remedy(policy, facts));
  return isDenied
    ? [`remove ${JSON.stringify(principal)} from policies.${policy.name}.denied_principals`, ...remedies]
    : remedies;
}
