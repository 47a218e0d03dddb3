import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { formatProblem } from "../../src/domain/problem.js";
import { coreData, kinds } from "../support/kinds.js";

const problemsOf = (data: unknown): string[] => parseConfigData(data, kinds).problems.map(formatProblem);
const parse = (data: unknown) => {
  const { config, problems } = parseConfigData(data, kinds);
  expect(problems.map(formatProblem)).toEqual([]);
  return config;
};

describe("data made to do harm", () => {
  it("is a mere name when it is called like something built in", () => {
    const data = JSON.parse(`{
      "stores": { "__proto__": { "backend": "plain" }, "constructor": { "backend": "plain" } },
      "refs": { "constructor": { "store": "constructor", "policy": "constructor" }, "a": { "store": "tostring", "policy": "valueof", "__proto__": {} } },
      "policies": { "constructor": { "allowed_principals": [], "__proto__": { "require_reason": false } } }
    }`);
    const { config, problems } = parseConfigData(data, kinds);
    expect(problems.map(formatProblem)).toEqual([
      "stores.__proto__: expected a name of lower-case letters, digits and `_`, starting with a letter, at most 128 characters",
      "refs.a.store: unknown store `tostring`",
      "refs.a.policy: unknown policy `valueof`",
      "refs.a.__proto__: unknown key `__proto__`",
      "policies.constructor.__proto__: unknown key `__proto__`",
    ]);
    expect(config.refs.get("constructor")?.store).toBe("constructor");
    expect(Object.prototype).not.toHaveProperty("backend");
  });

  it("is refused when it computes itself, and its getter is never called", () => {
    const ref = { policy: "readers" };
    Object.defineProperty(ref, "store", { enumerable: true, get: () => expect.unreachable() });
    expect(problemsOf({ ...coreData(), refs: { api_key: ref } })).toEqual([
      "refs.api_key.store: expected plain data, found a getter",
      "refs.api_key.store: expected a string, found nothing",
    ]);
  });

  it("is refused when it is an instance of a class, and accepted from another realm", () => {
    class Sneaky {
      store = "red";
      policy = "readers";
    }
    expect(problemsOf({ ...coreData(), refs: { api_key: new Sneaky() } })).toEqual([
      "refs.api_key: expected a mapping, found an object that is not plain data",
    ]);
    parse(runInNewContext(`(${JSON.stringify(coreData())})`));
  });

  it("may be cyclic", () => {
    const data: Record<string, unknown> = coreData();
    data["refs"] = data;
    expect(problemsOf(data).length).toBeGreaterThan(0);
  });

  it("is not followed into inherited keys", () => {
    const refs = { api_key: Object.create({ store: "red", policy: "readers" }) };
    expect(problemsOf({ ...coreData(), refs })).toHaveLength(1);
  });

  it("cannot change the configuration later", () => {
    const data = coreData();
    const principals = ["marketdata"];
    data.policies["readers"] = { allowed_principals: principals };
    const config = parse(data);
    principals.push("intruder");
    expect(config.policies.get("readers")?.allowedPrincipals).toEqual(["marketdata"]);
  });

  it("has every one of twenty thousand faults named", () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `name_${index}`);
    const faulty = Object.fromEntries(names.map((name) => [name, { store: `x${name}`, policy: `x${name}` }]));
    const stores = Object.fromEntries(names.map((name) => [name, { backend: "plain" }]));
    expect(problemsOf({ stores, refs: faulty, policies: {} })).toHaveLength(20_000);
  });
});

function mappingAt(data: object, path: readonly string[]): object {
  return path.reduce<object>((at, key) => {
    const inner: unknown = Object.entries(at).find(([name]) => name === key)?.[1];
    return typeof inner === "object" && inner !== null ? inner : {};
  }, data);
}

describe("properties", () => {
  it("holds for any data: no exception, only problems", () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withBigInt: true }), (data) => {
        expect(() => parseConfigData(data, kinds)).not.toThrow();
        parseConfigData(
          { stores: data, refs: data, policies: data, principals: data, keyholders: data, audit: data },
          kinds,
        );
        parseConfigData(
          { ...coreData(), refs: { a: data }, policies: { a: data }, stores: { a: { backend: data } } },
          kinds,
        );
      }),
    );
  });

  it("never accepts an unknown key at any level", () => {
    const places = [
      [],
      ["stores", "red"],
      ["refs", "api_key"],
      ["policies", "readers"],
      ["audit"],
      ["defaults"],
      ["identity"],
    ];
    const valid =
      /^(version|stores|refs|policies|principals|keyholders|audit|defaults|identity|profiles|backend|root|store|path|policy|description|used_by|rotate_every|owner|rotation|allowed_principals|denied_principals|environments?|machines?|apps?|substrates?|actions|expires|min_assurance|require_reason|required|role)$/;
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.string().filter((key) => !valid.test(key)),
        fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant([]), fc.constant({})),
        (path, key, value) => {
          const data = { ...coreData(), audit: { path: "a" }, defaults: {}, identity: {} };
          Object.defineProperty(mappingAt(data, path), key, { value, enumerable: true });
          expect(parseConfigData(data, kinds).problems).toHaveLength(1);
        },
      ),
    );
  });

  it("gives the same configuration for any order of keys", () => {
    const data = {
      stores: {
        red: { backend: "plain" },
        blue: { backend: "chain", stores: ["red"] },
        green: { backend: "full", path: "x" },
      },
      refs: {
        a: { store: "red", policy: "p" },
        b: { store: "blue", policy: "q", owner: "me" },
        c: { store: "red", policy: "q" },
      },
      policies: {
        p: { allowed_principals: ["x", "y"], actions: ["write"] },
        q: { allowed_principals: [], machines: ["m"] },
      },
      defaults: { store: "red", policy: "p" },
    };
    const shuffled = (value: unknown): fc.Arbitrary<unknown> =>
      typeof value !== "object" || value === null || Array.isArray(value)
        ? fc.constant(value)
        : fc
            .tuple(...Object.entries(value).map(([key, each]) => shuffled(each).map((inner) => [key, inner] as const)))
            .chain((entries) => fc.shuffledSubarray(entries, { minLength: entries.length }))
            .map((entries) => Object.fromEntries(entries));
    const expected = parse(data);
    fc.assert(
      fc.property(shuffled(data), (other) => {
        expect(parse(other)).toEqual(expected);
      }),
    );
  });
});
