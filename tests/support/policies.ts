import type { AccessFacts } from "../../src/authorization/conditions.js";
import type { RuntimeIdentity } from "../../src/domain/identity.js";
import type { SecretPolicy } from "../../src/domain/policy.js";

export const loader: RuntimeIdentity = {
  app: "loader",
  environment: "dev",
  machine: "monolith",
  substrate: "local-process",
  role: "marketdata",
};

export function policyWith(parts: Partial<SecretPolicy> = {}): SecretPolicy {
  return { name: "access", allowedPrincipals: ["marketdata"], deniedPrincipals: [], actions: ["read"], ...parts };
}

export function factsWith(parts: Partial<AccessFacts> = {}): AccessFacts {
  return {
    identity: loader,
    assurance: "claimed",
    principal: "marketdata",
    action: "read",
    reason: undefined,
    now: Date.UTC(2026, 10, 22),
    ...parts,
  };
}
