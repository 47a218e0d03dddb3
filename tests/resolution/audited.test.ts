import { describe, expect, test } from "vitest";
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
