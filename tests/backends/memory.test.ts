import { describe, expect, test } from "vitest";
import { backendContract } from "../../src/backends/contract-suite.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";

describe("the memory backend keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: memoryBackend(),
    store: () => ({ options: {} }),
    states: {
      denied: "the process holds the values itself, and nobody could refuse it them",
      locked: "the values are kept without a key",
      unavailable: "the store is part of the process that asks",
      corrupt: "nothing is stored in a form that could be damaged",
    },
    names: {
      held: ["a", "a/b/c", "x".repeat(1024), "§ ☃ .. ~#%", "A", "ä"],
      refused: ["", "/a", "a/../b", "x".repeat(1025)],
    },
    slow: "a read waits for nothing",
    concurrency: "a read is over before the next can begin",
  });
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
