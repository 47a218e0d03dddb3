import { describe, expect, test } from "vitest";
import { backendContract } from "../../src/backends/contract-suite.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";

describe("the memory backend keeps the contract of every backend", () => {
  const cases = backendContract({ definition: memoryBackend(), store: () => ({ options: {} }) });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

test("what a caller does with its bytes afterwards does not change the store", async () => {
  const bytes = new TextEncoder().encode("v");
  const seeded = memoryBackend({ a: bytes });
  bytes.fill(0);
  const api = SecretsApi.fromConfigData(
    {
      stores: { session: { backend: "memory" } },
      refs: { a: { store: "session", path: "a", policy: "all" } },
      policies: { all: { allowed_principals: ["marketdata"] } },
    },
    { backends: [seeded] },
  );
  expect(await api.getSecret({ secretName: "a", identity: loader })).toBe("v");
});
