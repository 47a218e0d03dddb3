import { expect, test } from "vitest";
import { smallestChange } from "../../src/authorization/explain.js";
import { factsWith, policyWith } from "../support/policies.js";

test("a denial is explained by every change that is needed together", () => {
  const policy = policyWith({ environments: ["prod"], requireReason: true });
  expect(smallestChange(policy, factsWith())).toEqual([
    'add "dev" to policies.access.environments',
    "give a reason (`--reason`, or `reason` in the request)",
  ]);
});

test("a denied principal has to be removed from denied_principals", () => {
  expect(smallestChange(policyWith({ deniedPrincipals: ["marketdata"] }), factsWith())).toEqual([
    'remove "marketdata" from policies.access.denied_principals',
  ]);
});

test("an identity no rule maps needs a rule", () => {
  expect(smallestChange(policyWith(), factsWith({ principal: undefined }))).toEqual([
    "add a rule to principals that matches this identity",
  ]);
});

test("an allow is explained by the one change that would end it", () => {
  expect(smallestChange(policyWith(), factsWith())).toEqual([
    'remove "marketdata" from policies.access.allowed_principals',
  ]);
});
