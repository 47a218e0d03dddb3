import { describe, expect, test } from "vitest";
import type { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { apiWith, codeOf, recorder } from "../support/spied-api.js";

describe("reading", () => {
  test("an allowed caller gets the value by its public name or its environment-style alias", async () => {
    const { api } = apiWith();
    expect(await api.getSecret({ secretName: "api_key", identity: loader })).toBe("canary-1f0c");
    expect(await api.getSecret({ secretName: "API_KEY", identity: loader })).toBe("canary-1f0c");
  });

  test("an absent value is undefined, or the default", async () => {
    const { api } = apiWith();
    expect(await api.getSecret({ secretName: "missing", identity: loader })).toBeUndefined();
    expect(await api.getSecret({ secretName: "missing", identity: loader, default: "d" })).toBe("d");
  });

  test("a default replaces absence only", async () => {
    const { api } = apiWith();
    const withDefault = (secretName: string) => codeOf(api.getSecret({ secretName, identity: loader, default: "d" }));
    expect(await withDefault("other")).toBe("denied");
    expect(await withDefault("locked")).toBe("locked");
    expect(await withDefault("no_such")).toBe("unknown_name");
  });

  test("several secrets come in the order asked, and one location is read once", async () => {
    const { api, calls } = apiWith();
    const names = ["api_key", "missing", "api_key_again", "api_key"];
    const values = await api.getSecrets(names.map((secretName) => ({ secretName, identity: loader, default: "d" })));
    expect(values).toEqual(["canary-1f0c", "d", "canary-1f0c", "canary-1f0c"]);
    expect(calls).toEqual(["open", "read feeds/api_key", "read feeds/missing"]);
  });

  test("nothing is kept between calls", async () => {
    const { api, calls } = apiWith();
    await api.getSecret({ secretName: "api_key", identity: loader });
    await api.getSecret({ secretName: "api_key", identity: loader });
    expect(calls.filter((call) => call.startsWith("read"))).toHaveLength(2);
  });

  test("an opaque secret carries the name, not the value", async () => {
    const { api } = apiWith();
    const secret = await api.openSecret({ secretName: "api_key", identity: loader });
    expect(`${secret}`).toBe("[secret api_key]");
    expect(secret?.reveal()).toBe("canary-1f0c");
  });
});

describe("the store sees no call", () => {
  const refusals: readonly [string, (api: SecretsApi) => Promise<unknown>, string][] = [
    [
      "for a principal the policy does not allow",
      (api) => api.getSecret({ secretName: "other", identity: loader }),
      "denied",
    ],
    ["for an unknown name", (api) => api.getSecret({ secretName: "api_kye", identity: loader }), "unknown_name"],
    ["for a malformed name", (api) => api.getSecret({ secretName: "../etc", identity: loader }), "invalid_input"],
    [
      "for an identity with an empty role",
      (api) => api.getSecret({ secretName: "api_key", identity: { ...loader, role: "" } }),
      "invalid_input",
    ],
    [
      "for any secret of a batch when one is denied",
      (api) => api.getSecrets(["api_key", "other"].map((secretName) => ({ secretName, identity: loader }))),
      "denied",
    ],
    [
      "for a path its store cannot hold",
      (api) => api.getSecret({ secretName: "misplaced", identity: loader }),
      "invalid_input",
    ],
    [
      "when the signal has fired",
      (api) => api.getSecret({ secretName: "api_key", identity: loader, signal: AbortSignal.abort() }),
      "cancelled",
    ],
    [
      "for a write the policy does not allow",
      (api) => api.setSecret({ secretName: "other", identity: loader, value: "v" }),
      "denied",
    ],
    [
      "for a removal the policy does not allow",
      (api) => api.removeSecret({ secretName: "other", identity: loader }),
      "denied",
    ],
  ];
  test.each(refusals)("%s", async (_name, ask, code) => {
    const { api, calls } = apiWith();
    expect(await codeOf(ask(api))).toBe(code);
    expect(calls).toEqual([]);
  });

  test("when no mapping rule gives the identity a principal", async () => {
    const { api, calls } = apiWith({}, { principals: [{ role: "someone_else", principal: "marketdata" }] });
    expect(await codeOf(api.getSecret({ secretName: "api_key", identity: loader }))).toBe("denied");
    expect(calls).toEqual([]);
  });

  test("when the audit record of the allow cannot be written", async () => {
    const { sink } = recorder(() => true);
    const { api, calls } = apiWith({ audit: sink });
    expect(await codeOf(api.getSecret({ secretName: "api_key", identity: loader }))).toBe("unavailable");
    expect(calls).toEqual([]);
  });

  test("while it is explained", () => {
    const { api, calls } = apiWith();
    expect(api.explain({ secretName: "other", identity: loader })).toMatchObject({
      store: "red",
      backend: "spy",
      decision: { verdict: "deny", rule: "others_only.allowed_principals" },
      change: ['add "marketdata" to policies.others_only.allowed_principals'],
    });
    expect(calls).toEqual([]);
  });
});
