import { expect, test } from "vitest";
import { assuranceReaches, factsOf, ProvenIdentity, proveIdentity } from "../../src/domain/identity.js";
import { loader } from "../support/policies.js";

test("a plain identity is a claim", () => {
  expect(factsOf(loader)).toEqual({ identity: loader, assurance: "claimed" });
});

test("a proven identity carries what was proved", () => {
  expect(factsOf(proveIdentity(loader, "attested"))).toEqual({ identity: loader, assurance: "attested" });
});

test("an object that looks proven is a claim", () => {
  const forged = Object.assign(Object.create(ProvenIdentity.prototype) as object, { identity: loader });
  expect(factsOf(forged as ProvenIdentity).assurance).toBe("claimed");
  expect(factsOf(structuredClone(proveIdentity(loader, "verified"))).assurance).toBe("claimed");
});

test("the constructor refuses a caller that reached it through a real proof", () => {
  const Constructor: unknown = Object.getPrototypeOf(proveIdentity(loader, "claimed")).constructor;
  const forge = () => Reflect.construct(Constructor as new (...parts: unknown[]) => object, [loader, "verified"]);
  expect(forge).toThrow("cannot be constructed");
});

test("assurance is ordered: claimed, attested, verified", () => {
  expect(assuranceReaches("verified", "attested")).toBe(true);
  expect(assuranceReaches("attested", "attested")).toBe(true);
  expect(assuranceReaches("claimed", "attested")).toBe(false);
});
