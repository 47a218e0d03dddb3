import { describe, expect, test } from "vitest";
import { defineBackend } from "../../src/backends/contract.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { spyBackend } from "../support/spy-backend.js";

const policies = { access: { allowed_principals: ["marketdata"] } };

test("everything present is well, and no value is read", async () => {
  const api = SecretsApi.fromConfigData(
    {
      stores: { session: { backend: "memory" } },
      refs: { a: { store: "session", path: "a", policy: "access" } },
      policies,
    },
    { backends: [memoryBackend({ a: "canary-55" })] },
  );
  const report = await api.check();
  expect(report).toMatchObject({ ok: true, refs: [{ name: "a", presence: "present", findings: [] }] });
  expect(JSON.stringify(report)).not.toContain("canary");
});

test("an absent value is a problem that says how to set it", async () => {
  const api = SecretsApi.fromConfigData({
    stores: { session: { backend: "memory" } },
    refs: { a: { store: "session", path: "a", policy: "access" } },
    policies,
  });
  expect(await api.check()).toMatchObject({
    ok: false,
    refs: [{ presence: "absent", findings: [{ code: "absent", hint: "mxm-secrets set a" }] }],
  });
});

test("an absent value of a store that is only read is not one to `set`", async () => {
  const api = SecretsApi.fromConfigData(
    {
      stores: { own: { backend: "env", prefix: "APP_" }, red: { backend: "spy" } },
      refs: {
        a: { store: "own", path: "prod/a-key", policy: "access" },
        b: { store: "red", path: "b", policy: "access" },
      },
      policies,
    },
    {
      backends: [
        defineBackend({
          ...spyBackend(() => undefined).definition,
          can: { write: false, delete: false, list: true },
          open: () => ({ read: async () => undefined, list: async () => [] }),
        }),
      ],
      environment: {},
    },
  );
  expect(await api.check()).toMatchObject({
    refs: [
      { presence: "absent", findings: [{ hint: "set the environment variable `APP_PROD_A_KEY`" }] },
      { presence: "absent", findings: [{ hint: "add it to the store `red`, which this program only reads" }] },
    ],
  });
});

test("a store that fails is reported without the text of a foreign error", async () => {
  const { definition } = spyBackend(() => undefined);
  const broken = defineBackend({
    ...definition,
    open: () => ({
      read: async () => undefined,
      check: async () => {
        throw new Error("token canary-66 refused");
      },
    }),
  });
  const api = SecretsApi.fromConfigData(
    { stores: { red: { backend: "spy" } }, refs: { a: { store: "red", path: "a", policy: "access" } }, policies },
    { backends: [broken] },
  );
  const report = await api.check();
  expect(report).toMatchObject({
    ok: false,
    stores: [{ findings: [{ code: "unavailable" }] }],
    refs: [{ presence: "unknown" }],
  });
  expect(JSON.stringify(report)).not.toContain("canary");
});

test("a path its store cannot hold is a problem of that ref", async () => {
  const { definition } = spyBackend(() => undefined);
  const api = SecretsApi.fromConfigData(
    {
      stores: { red: { backend: "spy" } },
      refs: { a: { store: "red", path: "forbidden", policy: "access" } },
      policies,
    },
    { backends: [definition] },
  );
  expect(await api.check()).toMatchObject({ ok: false, refs: [{ findings: [{ severity: "problem" }] }] });
});

describe("a value that no key here opens", () => {
  const { definition } = spyBackend(() => undefined);
  const sealedElsewhere = defineBackend({
    ...definition,
    open: () => ({
      read: async () => undefined,
      check: async (paths) => ({ findings: [], presence: new Map(paths.map((path) => [path, "unreadable"])) }),
    }),
  });
  const api = SecretsApi.fromConfigData(
    { stores: { red: { backend: "spy" } }, refs: { a: { store: "red", path: "a", policy: "access" } }, policies },
    { backends: [sealedElsewhere] },
  );

  test("is a problem for a caller the policy lets read it", async () => {
    expect(await api.check({ identity: loader })).toMatchObject({
      ok: false,
      refs: [{ findings: [{ code: "locked" }] }],
    });
  });

  test("is as it should be for any other", async () => {
    expect(await api.check({ identity: { ...loader, role: "other" } })).toMatchObject({
      ok: true,
      refs: [{ findings: [] }],
    });
  });

  test("is a warning when nobody said who asks", async () => {
    expect(await api.check()).toMatchObject({ ok: true, refs: [{ findings: [{ severity: "warning" }] }] });
  });

  test("is not known to be so while the key itself is at fault: the finding of the store is the one to act on", async () => {
    const finding = { severity: "problem", code: "locked", message: "the key is missing" } as const;
    const withoutKey = defineBackend({
      ...definition,
      open: () => ({
        read: async () => undefined,
        check: async () => ({ findings: [finding], presence: new Map([["a", "unreadable"]]) }),
      }),
    });
    const keyless = SecretsApi.fromConfigData(
      { stores: { red: { backend: "spy" } }, refs: { a: { store: "red", path: "a", policy: "access" } }, policies },
      { backends: [withoutKey] },
    );
    expect(await keyless.check({ identity: loader })).toMatchObject({
      ok: false,
      stores: [{ findings: [finding] }],
      refs: [{ presence: "unknown", findings: [] }],
    });
  });
});
