import { describe, expect, test } from "vitest";
import type { AuditEvent } from "../../src/audit/record.js";
import { loader } from "../support/policies.js";
import { apiWith, codeOf, recorder } from "../support/spied-api.js";

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

  test("has every denial of a batch with names that are not configured, and the gravest error is thrown", async () => {
    const { sink, events } = recorder();
    const { api, calls } = apiWith({ audit: sink });
    const names = ["no_such", "other", "api_key", "other", "nor_this", "no/name"];
    expect(await codeOf(api.getSecrets(names.map((secretName) => ({ secretName, identity: loader }))))).toBe("denied");
    expect(events.map(({ ref, verdict }) => `${verdict} ${ref}`).toSorted()).toEqual([
      "deny no_such",
      "deny nor_this",
      "deny other",
      "deny other",
    ]);
    expect(calls).toEqual([]);
  });

  test("names who asked when the decision was made, whatever the caller does to its objects afterwards", async () => {
    const { sink, events } = recorder();
    const slow = { append: async (event: AuditEvent) => (await Promise.resolve(), sink.append(event)) };
    const { api } = apiWith({ audit: slow });
    const identity = { ...loader };
    const request = { secretName: "api_key", identity, reason: "nightly load" };
    const faulty = [request, { ...request, secretName: "no_such" }, { ...request, secretName: "nor_this" }];
    const reads = [api.getSecret(request), api.getSecrets(faulty), api.setSecret({ ...request, value: "v" })];
    for (const one of [request, ...faulty]) {
      Object.assign(one, { secretName: "forged", reason: "forged", identity: { ...loader, role: "forged" } });
    }
    Object.assign(identity, { role: "forged", machine: "forged", environment: "forged", app: "forged" });
    await Promise.allSettled(reads);
    expect(events).toHaveLength(6);
    expect(events.every((event) => event.identity.role === "marketdata" && event.reason === "nightly load")).toBe(true);
    expect(JSON.stringify(events)).not.toContain("forged");
    expect(Object.isFrozen(events[0]?.identity)).toBe(true);
  });

  test("decides and records one reading of an identity that answers differently each time", async () => {
    const { sink, events } = recorder();
    const { api } = apiWith({ audit: sink });
    let readings = 0;
    const identity = {
      ...loader,
      get role() {
        return readings++ === 0 ? "marketdata" : "forged";
      },
    };
    expect(await api.getSecret({ secretName: "api_key", identity })).toBe("canary-1f0c");
    expect(events.map((event) => event.identity.role)).toEqual(["marketdata", "marketdata"]);
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
