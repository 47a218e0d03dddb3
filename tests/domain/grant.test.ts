import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Grant, grantedAccess, issueGrant } from "../../src/domain/grant.js";
import type { Decision } from "../../src/domain/decision.js";

const ref = { name: "api_key", store: "local", path: "feeds/api_key", policy: "access" };
const allow: Decision = { verdict: "allow", rule: "access.allowed_principals", reasons: [], assurance: "claimed" };

test("a grant from an allowing decision opens its one action", () => {
  expect(grantedAccess(issueGrant(allow, "read", ref), "read")).toEqual({
    name: "api_key",
    path: "feeds/api_key",
    policy: "access",
    action: "read",
  });
});

test("a grant to read does not open a write", () => {
  expect(() => grantedAccess(issueGrant(allow, "read", ref), "write")).toThrow("a grant to read was used to write");
});

test.each([
  ["a plain object", { name: "api_key", action: "read", path: "feeds/api_key" }],
  ["an object with the prototype of a grant", Object.create(Grant.prototype)],
  ["a clone of a real grant", structuredClone(issueGrant(allow, "read", ref))],
  ["a spread copy of a real grant", { ...issueGrant(allow, "read", ref) }],
  ["a proxy of a real grant", new Proxy(issueGrant(allow, "read", ref), {})],
  ["nothing", undefined],
  ["null", null],
  ["a string", "api_key"],
])("%s is refused at run time", (_name, forged) => {
  expect(() => grantedAccess(forged, "read")).toThrow("a backend was called without a grant");
});

test("the constructor refuses a caller that reached it through a real grant", () => {
  const Constructor: unknown = Object.getPrototypeOf(issueGrant(allow, "read", ref)).constructor;
  const access = { name: "other", path: "other", policy: "access", action: "read" };
  const forge = () =>
    Reflect.construct(Constructor as new (...parts: unknown[]) => object, [access, Symbol("issuing")]);
  expect(forge).toThrow("they cannot be constructed");
});

test("a denial gives no grant", () => {
  expect(() => issueGrant({ ...allow, verdict: "deny" }, "read", ref)).toThrow("no grant without an allowing decision");
});

test("a grant does not show the path of the value", () => {
  expect(inspect(issueGrant(allow, "read", ref), { showHidden: true })).not.toContain("feeds/");
});
