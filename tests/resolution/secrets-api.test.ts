import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../src/audit/record.js";
import type { AuditSink } from "../../src/audit/sink.js";
import { isSecretsError, LockedError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import type { SecretsApiOptions } from "../../src/resolution/options.js";
import { loader } from "../support/policies.js";
import { spyBackend } from "../support/spy-backend.js";

const data = {
  stores: { red: { backend: "spy" } },
  refs: {
    api_key: { store: "red", path: "feeds/api_key", policy: "access" },
    api_key_again: { store: "red", path: "feeds/api_key", policy: "access" },
    missing: { store: "red", path: "feeds/missing", policy: "access" },
    locked: { store: "red", path: "feeds/locked", policy: "access" },
    misplaced: { store: "red", path: "feeds/forbidden", policy: "access" },
    other: { store: "red", path: "other", policy: "others_only" },
  },
  policies: {
    access: { allowed_principals: ["marketdata"], actions: ["read", "write"] },
    others_only: { allowed_principals: ["execution"] },
  },
};

const answer = (path: string): string | undefined => {
  if (path === "feeds/locked") throw new LockedError("no usable key");
  return path === "feeds/missing" ? undefined : "canary-1f0c";
};

function apiWith(options: SecretsApiOptions = {}, changes: object = {}) {
  const spy = spyBackend(answer);
  const api = SecretsApi.fromConfigData({ ...data, ...changes }, { backends: [spy.definition], ...options });
  return { api, calls: spy.calls };
}

function recorder(fail?: (event: AuditEvent) => boolean) {
  const events: AuditEvent[] = [];
  const sink: AuditSink = {
    append: async (event) => {
      if (fail?.(event)) throw new Error("disk full");
      events.push(event);
    },
  };
  return { sink, events };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown: unknown = await work.then(
    () => "resolved",
    (error: unknown) => error,
  );
  return isSecretsError(thrown) ? thrown.code : String(thrown);
}

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

describe("the audit trail", () => {
  test("has the decision and the outcome of an allowed read", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    await api.getSecret({ secretName: "api_key", identity: loader, reason: "nightly load" });
    expect(events).toMatchObject([
      { event: "decision", verdict: "allow", ref: "api_key", store: "red", reason: "nightly load" },
      { event: "outcome", outcome: "value", ref: "api_key" },
    ]);
    expect(events[0]?.id).toBe(events[1]?.id);
  });

  test("has denials", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    await codeOf(api.getSecret({ secretName: "other", identity: loader }));
    expect(events).toMatchObject([{ event: "decision", verdict: "deny", rule: "others_only.allowed_principals" }]);
  });

  test("has names that are not configured, as denied by default", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    const unknown = { secretName: "no_such", identity: loader };
    expect(await codeOf(api.getSecret(unknown))).toBe("unknown_name");
    expect(await codeOf(api.setSecret({ ...unknown, value: "v" }))).toBe("unknown_name");
    expect(events).toMatchObject([
      { event: "decision", verdict: "deny", rule: "default_deny", ref: "no_such", store: undefined, action: "read" },
      { event: "decision", verdict: "deny", ref: "no_such", action: "write" },
    ]);
  });

  test("names a failure by its code", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    await codeOf(api.getSecret({ secretName: "locked", identity: loader }));
    expect(events.at(-1)).toMatchObject({ event: "outcome", outcome: "locked" });
  });

  test("withholds a value whose outcome cannot be recorded", async () => {
    const { sink } = recorder((event) => event.event === "outcome");
    const { api } = apiWith({ audit: sink });
    expect(await codeOf(api.getSecret({ secretName: "api_key", identity: loader }))).toBe("unavailable");
  });

  test("may be lost only when the configuration says it is not required", async () => {
    const { sink } = recorder(() => true);
    const lines: string[] = [];
    const changes = { audit: { path: "audit.jsonl", required: false } };
    const { api } = apiWith({ audit: sink, warn: (line) => lines.push(line) }, changes);
    expect(await api.getSecret({ secretName: "api_key", identity: loader })).toBe("canary-1f0c");
    expect(lines).toContain("audit record lost: the audit record cannot be written");
  });

  test("holds no value anywhere", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    await api.getSecret({ secretName: "api_key", identity: loader });
    await api.setSecret({ secretName: "api_key", identity: loader, value: "canary-9a9a" });
    expect(JSON.stringify(events)).not.toMatch(/canary/);
  });
});

describe("writing", () => {
  test("an allowed caller writes and removes", async () => {
    const { api, calls } = apiWith();
    await api.setSecret({ secretName: "api_key", identity: loader, value: "v" });
    expect(await api.removeSecret({ secretName: "api_key", identity: loader })).toBe(true);
    expect(calls).toEqual(["open", "write feeds/api_key", "delete feeds/api_key"]);
  });

  test("a value over the backend's limit is refused with its size, not its text", async () => {
    const { api, calls } = apiWith();
    const work = api.setSecret({ secretName: "api_key", identity: loader, value: "canary-".repeat(4) });
    await expect(work).rejects.toThrow("the value is 28 bytes; the `spy` backend holds at most 16");
    expect(calls).toEqual(["open"]);
  });

  test("a lone surrogate is refused", async () => {
    const { api } = apiWith();
    expect(await codeOf(api.setSecret({ secretName: "api_key", identity: loader, value: "\ud800" }))).toBe(
      "invalid_input",
    );
  });
});

describe("a backend that misbehaves", () => {
  const apiOver = (read: () => Promise<unknown>) => {
    const { definition } = spyBackend(answer);
    const broken = { ...definition, open: () => ({ read: read as () => Promise<Uint8Array> }) };
    return SecretsApi.fromConfigData(data, { backends: [broken] });
  };

  test("an unexpected error is unavailable, and its text is withheld everywhere", async () => {
    const { inspect } = await import("node:util");
    const api = apiOver(() => Promise.reject(new TypeError("cannot parse canary-1f0c")));
    const thrown: unknown = await api.getSecret({ secretName: "api_key", identity: loader }).catch((e: unknown) => e);
    expect(thrown).toMatchObject({ code: "unavailable", message: "store `red` failed unexpectedly (TypeError)" });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain("canary");
  });

  test.each([
    ["null", null],
    ["a string", "canary-1f0c"],
  ])("%s is neither a value nor an absence", async (_name, value) => {
    const api = apiOver(() => Promise.resolve(value));
    expect(await codeOf(api.getSecret({ secretName: "api_key", identity: loader }))).toBe("unavailable");
  });
});
