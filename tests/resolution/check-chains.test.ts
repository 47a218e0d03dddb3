import { describe, expect, test } from "vitest";
import { defineBackend } from "../../src/backends/contract.js";
import type { BackendDefinition, Finding, Presence } from "../../src/backends/contract.js";
import { IntegrityError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { spyBackend } from "../support/spy-backend.js";

/** A kind of store whose `check` gives these findings, and this presence for every path. */
function reporting(kind: string, presence: Presence, ...findings: readonly Finding[]): BackendDefinition {
  return defineBackend({
    ...spyBackend(() => undefined, kind).definition,
    open: () => ({
      read: async () => undefined,
      check: async (paths) => ({ findings, presence: new Map(paths.map((path) => [path, presence])) }),
    }),
  });
}

const missing = (unavailable: "not_installed" | "unreachable"): Finding => ({
  severity: "problem",
  message: `one is ${unavailable}`,
  code: "unavailable",
  unavailable,
});

async function check(backends: readonly BackendDefinition[], stores: object, refs: object = {}) {
  const api = SecretsApi.fromConfigData(
    {
      stores: { ...Object.fromEntries(backends.map(({ kind }) => [kind, { backend: kind }])), ...stores },
      refs: { key: { store: "both", policy: "all" }, ...refs },
      policies: { all: { allowed_principals: ["marketdata"] }, other: { allowed_principals: ["ops"] } },
    },
    { backends },
  );
  const { stores: checked, refs: checkedRefs, ok } = await api.check();
  const findings = Object.fromEntries(
    checked.map(({ name, findings: found }) => [name, found.map(({ severity, message }) => `${severity}: ${message}`)]),
  );
  return { ok, findings, refs: Object.fromEntries(checkedRefs.map((ref) => [ref.name, ref])) };
}

const both = { backend: "chain", stores: ["one", "two"] };

describe("what a chain's members report", () => {
  test("stands with each of them, once", async () => {
    const damaged: Finding = { severity: "problem", message: "damaged", code: "integrity" };
    const { findings } = await check([reporting("one", "absent", damaged), reporting("two", "present")], {
      both,
      again: both,
    });
    expect(findings).toEqual({ again: [], both: [], one: ["problem: damaged"], two: [] });
  });

  test("is a warning where every chain that asks the store passes it over, and no secret lies in it by itself", async () => {
    const backends = [reporting("one", "unknown", missing("not_installed")), reporting("two", "present")];
    const passed = await check(backends, { both });
    expect(passed).toMatchObject({ ok: true, findings: { one: ["warning: one is not_installed"], both: [] } });
    expect(passed.refs["key"]).toMatchObject({ presence: "present" });
    const direct = await check(backends, { both }, { own: { store: "one", policy: "all" } });
    expect(direct).toMatchObject({ ok: false, findings: { one: ["problem: one is not_installed"] } });
    const unreachable = [reporting("one", "unknown", missing("unreachable")), reporting("two", "present")];
    expect(await check(unreachable, { both })).toMatchObject({ findings: { one: ["problem: one is unreachable"] } });
    const skipping = { both: { ...both, if_unavailable: "skip" } };
    expect(await check(unreachable, skipping)).toMatchObject({ findings: { one: ["warning: one is unreachable"] } });
    expect(await check(unreachable, { ...skipping, other: both })).toMatchObject({
      findings: { one: ["problem: one is unreachable"] },
    });
  });

  test("is a problem of the chain when all of them are passed over, and a warning when the chain around it has others", async () => {
    const one = reporting("one", "unknown", missing("not_installed"));
    const alone = await check([one], { both: { backend: "chain", stores: ["one"] } });
    expect(alone).toMatchObject({
      ok: false,
      findings: {
        both: ["problem: no store of the chain `both` could be asked"],
        one: ["warning: one is not_installed"],
      },
    });
    const nested = await check([one, reporting("two", "present")], {
      inner: { backend: "chain", stores: ["one"] },
      both: { backend: "chain", stores: ["inner", "two"] },
    });
    expect(nested).toMatchObject({
      ok: true,
      findings: { both: [], inner: ["warning: no store of the chain `inner` could be asked"] },
    });
    expect(nested.refs["key"]).toMatchObject({ presence: "present" });
  });

  test("that throws is a finding of the one that threw", async () => {
    const broken = defineBackend({
      ...spyBackend(() => undefined, "one").definition,
      open: () => ({ read: async () => undefined, check: async () => Promise.reject(new IntegrityError("altered")) }),
    });
    const { findings, refs } = await check([broken, reporting("two", "present")], { both });
    expect(findings).toEqual({ both: [], one: ["problem: altered"], two: [] });
    expect(refs["key"]).toMatchObject({ presence: "unknown" });
  });
});

test.each<[Presence, Presence, Presence]>([
  ["absent", "present", "present"],
  ["present", "absent", "present"],
  ["unreadable", "present", "unreadable"],
  ["unknown", "present", "unknown"],
  ["absent", "absent", "absent"],
])("a value that is %s in the first store and %s in the second is %s", async (first, second, whole) => {
  const { refs } = await check([reporting("one", first), reporting("two", second)], { both });
  expect(refs["key"]).toMatchObject({ presence: whole });
});

test("how to add an absent value of a chain that takes no writes names the stores that it asks", async () => {
  const backends = [reporting("one", "absent"), reporting("two", "absent")];
  const hintOf = async (options: object) => {
    const { refs } = await check(backends, { both: { ...both, ...options } });
    return refs["key"]?.findings.map(({ hint }) => hint);
  };
  expect(await hintOf({})).toEqual(["add it to one of the stores that `both` asks: one, two"]);
  expect(await hintOf({ write_to: "two" })).toEqual(["mxm-secrets set key"]);
});

describe("one value under two names", () => {
  const backends = [reporting("one", "present"), reporting("two", "present")];
  const aliases = async (refs: object, stores: object = { both }) => {
    const checked = await check(backends, stores, refs);
    return Object.values(checked.refs).flatMap(({ name, findings }) =>
      findings.map(({ severity, message }) => `${severity}: ${name} ${message}`),
    );
  };

  test("is a warning under different policies, through a chain and through its member", async () => {
    expect(await aliases({ other: { store: "two", path: "key", policy: "other" } })).toEqual([
      "warning: key may be the value of `other`, too, which is under the policy `other`",
      "warning: other may be the value of `key`, too, which is under the policy `all`",
    ]);
  });

  test("is none under one policy, and none of another path or of another store", async () => {
    expect(await aliases({ other: { store: "two", path: "key", policy: "all" } })).toEqual([]);
    expect(await aliases({ other: { store: "two", path: "else", policy: "other" } })).toEqual([]);
    const apart = { both: { backend: "chain", stores: ["one"] } };
    expect(await aliases({ other: { store: "two", path: "key", policy: "other" } }, apart)).toEqual([]);
  });

  test("is found through two stores that are one place", async () => {
    const stores = { both, twin: { backend: "two" } };
    expect(await aliases({ other: { store: "twin", path: "key", policy: "other" } }, stores)).toHaveLength(2);
  });
});

test("chains that lead to the same store in countless ways are followed once", async () => {
  const stores: Record<string, object> = { c0: { backend: "chain", stores: ["one", "two"] } };
  for (let index = 1; index < 60; index++) {
    stores[`c${index}`] = { backend: "chain", stores: [`c${index - 1}`, `c${index - 1}`] };
  }
  const api = SecretsApi.fromConfigData(
    {
      stores: { one: { backend: "one" }, two: { backend: "two" }, ...stores },
      refs: { key: { store: "c59", policy: "all" } },
      policies: { all: { allowed_principals: ["marketdata"] } },
    },
    { backends: [spyBackend(() => "1", "one").definition, spyBackend(() => "2", "two").definition] },
  );
  const request = { secretName: "key", identity: loader };
  expect(api.explain(request).asks).toHaveLength(1000);
  expect(await api.getSecret(request)).toBe("1");
});
