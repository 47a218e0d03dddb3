import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { formatProblem } from "../../src/domain/problem.js";
import { ageRecipient, coreData, kinds } from "../support/kinds.js";

const problemsOf = (data: unknown): string[] => parseConfigData(data, kinds).problems.map(formatProblem);
const parse = (data: unknown) => {
  const { config, problems } = parseConfigData(data, kinds);
  expect(problems.map(formatProblem)).toEqual([]);
  return config;
};

describe("the compatible core", () => {
  it("loads stores, refs and policies and nothing else", () => {
    const config = parse(coreData());
    expect(config.stores.get("red")).toEqual({ name: "red", backend: "plain", options: { root: "mxm/red" } });
    expect(config.refs.get("api_key")).toEqual({
      name: "api_key",
      store: "red",
      path: "marketdata/api_key",
      policy: "readers",
    });
    expect(config.policies.get("readers")).toEqual({
      name: "readers",
      allowedPrincipals: ["marketdata"],
      deniedPrincipals: [],
      actions: ["read"],
    });
    expect(config.principals).toBeUndefined();
    expect(config.keyholders).toBeUndefined();
    expect(config.audit).toBeUndefined();
    expect(config.defaults).toEqual({});
    expect(config.identity).toEqual({});
  });

  it("names each of the three that is missing", () => {
    expect(problemsOf({})).toEqual([
      "stores: expected a mapping (`{}` for none), found nothing",
      "refs: expected a mapping (`{}` for none), found nothing",
      "policies: expected a mapping (`{}` for none), found nothing",
    ]);
  });

  it.each([undefined, null, 7, "text", [], new Date(0), new Map(), () => 1])("refuses %s as data", (data) => {
    expect(problemsOf(data)).toHaveLength(1);
    expect(problemsOf(data)[0]).toMatch(/^expected a mapping/);
  });
});

describe("every optional part", () => {
  it("is read into its domain form", () => {
    const config = parse({
      ...coreData(),
      version: 1,
      principals: [{ role: "loader", machine: "monolith", principal: "marketdata" }, { principal: "guest" }],
      keyholders: {
        "web-01": { age: ageRecipient, principals: ["marketdata"] },
        bridge: { gpg: "0123456789ABCDEF0123456789ABCDEF01234567", principals: [], write: true },
      },
      audit: { path: "audit.jsonl" },
      defaults: { store: "red", policy: "readers" },
      identity: { environment: "dev", role: "developer" },
      profiles: { staging: { stores: { red: { root: "mxm/staging" } }, principals: [] } },
    });
    expect(config.principals).toEqual([
      { principal: "marketdata", match: { role: "loader", machine: "monolith" } },
      { principal: "guest", match: {} },
    ]);
    expect(config.keyholders).toEqual([
      { name: "web-01", age: ageRecipient, principals: ["marketdata"], write: false },
      { name: "bridge", gpg: "0123456789ABCDEF0123456789ABCDEF01234567", principals: [], write: true },
    ]);
    expect(config.audit).toEqual({ path: "audit.jsonl", required: true });
    expect(config.defaults).toEqual({ store: "red", policy: "readers" });
    expect(config.identity).toEqual({ environment: "dev", role: "developer" });
  });

  it("reports every fault at once, each with its path", () => {
    const data = {
      version: 2,
      stores: { red: { backend: "plian" }, Blue: { backend: "plain" } },
      refs: { api_key: { store: 7, path: "../x", polcy: "readers" }, other: { store: "rd", policy: "reader" } },
      policies: { readers: { allowed_principals: ["a", "B"], evironments: ["dev"] } },
      principals: [{ role: "x" }],
      keyholders: { a: { principals: ["x"] }, b: { age: "age1", principals: "x" } },
      audit: {},
      defaults: { store: "red", policy: "reader" },
      identity: { role: "" },
      profiles: { staging: { version: 1, stores: [] } },
      refz: {},
    };
    expect(problemsOf(data)).toEqual([
      "version: expected version 1",
      "stores.red.backend: unknown backend `plian`; did you mean `plain`?",
      "stores.Blue: expected a name of lower-case letters, digits and `_`, starting with a letter, at most 128 characters; did you mean `blue`?",
      "refs.api_key.store: expected a string, found a number",
      "refs.api_key.path: expected no `..` segment",
      "refs.api_key.polcy: unknown key `polcy`; did you mean `policy`?",
      "refs.api_key.policy: expected a string, found nothing",
      "refs.other.store: unknown store `rd`; did you mean `red`?",
      "refs.other.policy: unknown policy `reader`; did you mean `readers`?",
      "policies.readers.allowed_principals[1]: expected lower-case letters, digits and `_`, starting with a letter, at most 128 characters",
      "policies.readers.evironments: unknown key `evironments`; did you mean `environments`?",
      "principals[0].principal: expected a string, found nothing",
      "keyholders.a: expected a key: `age: age1…`, `gpg: FINGERPRINT` or both",
      "keyholders.b.age: expected an age recipient, `age1…`",
      "keyholders.b.principals: expected a list, found a string",
      "audit.path: expected a string, found nothing",
      "defaults.policy: unknown policy `reader`; did you mean `readers`?",
      "identity.role: expected a string that is not empty",
      "profiles.staging.version: unknown key `version`",
      "profiles.staging.stores: expected a mapping, found a list",
      "refz: unknown key `refz`; did you mean `refs`?",
    ]);
  });

  it("names two refs that give one value away under different policies, and lets refs of one policy share it", () => {
    const core = coreData();
    const at = (path: string, policy: string, store = "red") => ({ store, path, policy });
    const data = {
      stores: { red: { backend: "plain" }, blue: { backend: "plain" } },
      refs: {
        first: at("a/b", "readers"),
        same: at("a/b", "readers"),
        looser: at("a/b", "others"),
        elsewhere: at("a/b", "others", "blue"),
        b: { store: "red", policy: "readers" },
        c: at("b", "others"),
      },
      policies: { ...core.policies, others: { allowed_principals: ["everybody"] } },
    };
    expect(problemsOf(data)).toEqual([
      "refs.looser.path: expected another path: `first` has this one in store `red` under policy `readers`, not `others`",
      "refs.c.path: expected another path: `b` has this one in store `red` under policy `readers`, not `others`",
    ]);
  });

  it("never shows a value that stands where none belongs", () => {
    const data = {
      ...coreData(),
      refs: {
        api_key: {
          store: "S3CRET-canary",
          path: "a\u0000S3CRET-canary",
          policy: ["S3CRET-canary"],
          owner: "S3CRET-canary\n",
        },
      },
      policies: {
        readers: { allowed_principals: ["S3CRET-canary"], min_assurance: "S3CRET-canary", expires: "S3CRET-canary" },
      },
    };
    const problems = problemsOf(data);
    expect(problems).toHaveLength(7);
    expect(problems.join("\n")).not.toContain("S3CRET-canary");
  });
});
