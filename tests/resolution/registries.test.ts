import { expect, test } from "vitest";
import { SecretPolicyRegistry, SecretRefRegistry, SecretStoreRegistry } from "../../src/resolution/registries.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { loader, policyWith } from "../support/policies.js";

const ref = (name: string) => ({ name, store: "session", path: name, policy: "access" });

test("names are sorted, and absent ones are undefined", () => {
  const refs = new SecretRefRegistry([ref("b"), ref("a")]);
  expect(refs.names()).toEqual(["a", "b"]);
  expect(refs.has("b")).toBe(true);
  expect(refs.get("b")?.path).toBe("b");
  expect(refs.get("c")).toBeUndefined();
  expect(refs.has("constructor")).toBe(false);
});

test("every duplicate is named", () => {
  expect(() => new SecretRefRegistry([ref("a"), ref("b"), ref("a"), ref("b")])).toThrow("refs: `a`, `b` defined twice");
});

test("entries cannot be changed afterwards", () => {
  const entry = { ...ref("a") };
  const refs = new SecretRefRegistry([entry]);
  entry.path = "elsewhere";
  expect(refs.get("a")?.path).toBe("a");
  expect(Object.isFrozen(refs.get("a"))).toBe(true);
});

test("a SecretsApi can be made of registries the caller built", async () => {
  const api = new SecretsApi(
    {
      stores: new SecretStoreRegistry([{ name: "session", backend: "memory", options: {} }]),
      refs: new SecretRefRegistry([ref("api_key")]),
      policies: new SecretPolicyRegistry([policyWith()]),
    },
    { backends: [memoryBackend({ api_key: "v" })] },
  );
  expect(await api.getSecret({ secretName: "api_key", identity: loader })).toBe("v");
});
