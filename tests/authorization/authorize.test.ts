import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorize, grantFor } from "../../src/authorization/authorize.js";
import { actions } from "../../src/domain/policy.js";
import type { SecretPolicy } from "../../src/domain/policy.js";
import { assurances } from "../../src/domain/identity.js";
import { factsWith, loader, policyWith } from "../support/policies.js";

describe("authorize", () => {
  test("allows a principal the policy names", () => {
    expect(authorize(policyWith(), factsWith())).toMatchObject({ verdict: "allow", rule: "access.allowed_principals" });
  });

  test("denies a principal the policy does not name", () => {
    expect(authorize(policyWith(), factsWith({ principal: "execution" }))).toMatchObject({
      verdict: "deny",
      rule: "access.allowed_principals",
      reasons: ['principal is "execution"; allowed_principals: [marketdata]'],
    });
  });

  test("denies when no mapping rule gives a principal", () => {
    expect(authorize(policyWith(), factsWith({ principal: undefined })).verdict).toBe("deny");
  });

  test("a denied principal is denied although it is also allowed", () => {
    expect(authorize(policyWith({ deniedPrincipals: ["marketdata"] }), factsWith())).toMatchObject({
      verdict: "deny",
      rule: "access.denied_principals",
    });
  });

  test.each([
    ["environments", { environments: ["prod"] }],
    ["machines", { machines: ["bridge"] }],
    ["apps", { apps: ["other"] }],
    ["substrates", { substrates: ["docker-container"] }],
    ["expires", { expires: Date.UTC(2026, 10, 22) }],
    ["min_assurance", { minAssurance: "attested" }],
    ["require_reason", { requireReason: true }],
    ["actions", { actions: ["write"] }],
  ] as const)("denies when the condition %s is not met, and names it", (key, parts) => {
    expect(authorize(policyWith(parts), factsWith())).toMatchObject({ verdict: "deny", rule: `access.${key}` });
  });

  test.each([
    ["environments", { environments: ["prod", "dev"] }, {}],
    ["machines", { machines: ["monolith"] }, {}],
    ["apps", { apps: ["loader"] }, {}],
    ["substrates", { substrates: ["local-process"] }, {}],
    ["expires", { expires: Date.UTC(2026, 10, 22) + 1 }, {}],
    ["min_assurance", { minAssurance: "attested" }, { assurance: "verified" }],
    ["require_reason", { requireReason: true }, { reason: "incident 12" }],
    ["actions", { actions: ["read", "write"] }, { action: "write" }],
  ] as const)("allows when the condition %s is met", (_key, parts, facts) => {
    expect(authorize(policyWith(parts), factsWith(facts)).verdict).toBe("allow");
  });

  test("an identity without the field a condition asks for is denied", () => {
    const { app: _app, ...identity } = loader;
    expect(authorize(policyWith({ apps: ["loader"] }), factsWith({ identity })).verdict).toBe("deny");
  });

  test("reports every condition that is not met, not only the first", () => {
    const decision = authorize(policyWith({ environments: ["prod"], machines: ["bridge"] }), factsWith());
    expect(decision.reasons).toEqual([
      'environment is "dev"; environments: [prod]',
      'machine is "monolith"; machines: [bridge]',
    ]);
  });

  test("an error while evaluating denies", () => {
    const policy = {
      ...policyWith(),
      get environments(): readonly string[] {
        throw new Error("broken");
      },
    };
    expect(authorize(policy, factsWith())).toMatchObject({ verdict: "deny", rule: "access.error" });
  });

  test("a blank reason is no reason", () => {
    expect(authorize(policyWith({ requireReason: true }), factsWith({ reason: "  " })).verdict).toBe("deny");
  });

  test("no grant comes from a denial", () => {
    const decision = authorize(policyWith(), factsWith({ principal: "execution" }));
    expect(() =>
      grantFor(decision, { action: "read" }, { name: "a", store: "s", path: "a", policy: "access" }),
    ).toThrow("no grant without an allowing decision");
  });
});

const word = fc.constantFrom("a", "b", "c", "d");
const words = fc.uniqueArray(word, { maxLength: 4 });
const anyPolicy: fc.Arbitrary<SecretPolicy> = fc.record(
  {
    name: fc.constant("access"),
    allowedPrincipals: words,
    deniedPrincipals: words,
    actions: fc.uniqueArray(fc.constantFrom(...actions)),
    environments: words,
    machines: words,
    apps: words,
    substrates: words,
    expires: fc.integer({ min: 0, max: 10 }),
    minAssurance: fc.constantFrom(...assurances),
    requireReason: fc.boolean(),
  },
  { requiredKeys: ["name", "allowedPrincipals", "deniedPrincipals", "actions"] },
);
const anyFacts = fc
  .record({
    role: word,
    environment: word,
    machine: word,
    principal: fc.option(word, { nil: undefined }),
    assurance: fc.constantFrom(...assurances),
    action: fc.constantFrom(...actions),
    reason: fc.option(fc.constant("because"), { nil: undefined }),
    now: fc.integer({ min: 0, max: 10 }),
  })
  .map(({ role, environment, machine, ...facts }) =>
    factsWith({ ...facts, identity: { role, environment, machine, app: "a", substrate: "b" } }),
  );

describe("authorize, for any policy and facts", () => {
  test("the order of lists and keys never changes the verdict or the rule", () => {
    fc.assert(
      fc.property(anyPolicy, anyFacts, (policy, facts) => {
        const shuffled = Object.fromEntries(
          Object.entries(policy)
            .toReversed()
            .map(([key, value]) => [key, Array.isArray(value) ? value.toReversed() : value]),
        ) as unknown as SecretPolicy;
        const one = authorize(policy, facts);
        const other = authorize(shuffled, facts);
        expect([other.verdict, other.rule]).toEqual([one.verdict, one.rule]);
      }),
    );
  });

  test("adding a denied principal never turns a denial into an allow", () => {
    fc.assert(
      fc.property(anyPolicy, anyFacts, word, (policy, facts, denied) => {
        fc.pre(authorize(policy, facts).verdict === "deny");
        const stricter = { ...policy, deniedPrincipals: [...policy.deniedPrincipals, denied] };
        expect(authorize(stricter, facts).verdict).toBe("deny");
      }),
    );
  });

  test("removing a condition never turns an allow into a denial", () => {
    const removable = fc.constantFrom("environments", "machines", "expires", "apps");
    fc.assert(
      fc.property(anyPolicy, anyFacts, removable, (policy, facts, key) => {
        const { [key]: _removed, ...looser } = policy;
        const isAllowed = authorize(policy, facts).verdict === "allow";
        expect(isAllowed && authorize(looser, facts).verdict === "deny").toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});
