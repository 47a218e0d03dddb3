import { identityFields } from "./identity.js";
import type { IdentityField, RuntimeIdentity } from "./identity.js";

/** One mapping rule: every named field must equal the identity's; the first rule that matches gives the principal. */
export interface PrincipalRule {
  readonly principal: string;
  readonly match: Readonly<Partial<Record<IdentityField, string>>>;
}

/**
 * The operational authority an identity acts as. Without rules it is the role; with rules, the first that matches.
 *
 * @returns `undefined` when rules are configured and none matches: such a caller is denied
 */
export function principalOf(
  identity: RuntimeIdentity,
  rules: readonly PrincipalRule[] | undefined,
): string | undefined {
  if (rules === undefined) return identity.role;
  return rules.find((rule) => matches(rule, identity))?.principal;
}

function matches(rule: PrincipalRule, identity: RuntimeIdentity): boolean {
  return identityFields.every((field) => rule.match[field] === undefined || rule.match[field] === identity[field]);
}
