import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { envBackend } from "../../src/backends/env.js";
import { environmentNameOfPath } from "../../src/domain/names.js";
import { AccessDeniedError } from "../../src/errors.js";
import { isolatedContext } from "../support/context.js";

const text = (value: string) => new TextEncoder().encode(value);

function open(environment: BackendContext["environment"], options: Record<string, unknown> = {}): Backend {
  return envBackend.open({ name: "override", options }, isolatedContext({ environment }));
}

async function read(backend: Backend, path: string): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

describe("the env backend keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: envBackend,
    store: () => {
      const environment: Record<string, string> = {};
      return {
        options: {},
        context: { environment },
        seed: (values) => {
          for (const [path, value] of values)
            environment[environmentNameOfPath(path)] = new TextDecoder().decode(value);
        },
      };
    },
    values: [text("plain"), text(""), text("one\ntwo\n"), text("snowman ☃ 𝄞")],
    states: {
      denied: () => ({ options: { prefix: "MXM_" }, context: { environment: { MXM_ALPHA: hiddenValue } } }),
      locked: "a variable needs no key",
      unavailable: "a process always has an environment",
      corrupt: "a variable is whatever it is set to, and carries nothing to check it by",
    },
    names: {
      held: ["a", "_", "prod/smtp-password.old", "x2", "A_B", "x".repeat(1024)],
      refused: ["2fa", "my pass", "ключ", "a=b", "a/../b", "x".repeat(1025)],
    },
    slow: "a variable is read without waiting",
    concurrency: "a read is over before the next can begin",
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the env backend", () => {
  test("reads the variable a path maps to, with the store's prefix", async () => {
    const environment = { PROD_SMTP_PASSWORD: "a", MYAPP_PROD_SMTP_PASSWORD: "b" };
    expect(await read(open(environment), "prod/smtp-password")).toBe("a");
    expect(await read(open(environment, { prefix: "MYAPP_" }), "prod/smtp.password")).toBe("b");
  });

  test("takes an empty variable for an empty value, and an unset one for absent", async () => {
    const backend = open({ EMPTY: "", UNSET: undefined });
    expect(await read(backend, "empty")).toBe("");
    expect(await read(backend, "unset")).toBeUndefined();
    expect(await read(backend, "other")).toBeUndefined();
  });

  test("finds nothing for a path that no variable can stand for", async () => {
    expect(await read(open({ "MY PASS": "x" }), "my pass")).toBeUndefined();
  });

  test.each(["my pass", "2fa/token", "prod/ключ", "a=b"])("does not take %s into a configuration", (path) => {
    expect(envBackend.paths.fault(path)).toMatch(/^expected only letters/);
  });

  test("reports presence only", async () => {
    const report = await open({ A: "canary" }).check?.(["a", "b"], {}, new Map());
    expect(report).toEqual({
      findings: [],
      presence: new Map([
        ["a", "present"],
        ["b", "absent"],
      ]),
    });
  });

  test.each([
    ["one of ours", "mxm/secrets-passphrase", {}],
    ["one of ours by the prefix", "secrets_passphrase", { prefix: "MXM_" }],
    ["one of ours by a prefix in lower case", "secrets_passphrase", { prefix: "mxm_" }],
    ["one that a key is read from", "vault_key", {}],
  ])("refuses %s when it is set, and check says so", async (_what, path, options) => {
    const environment = { MXM_SECRETS_PASSPHRASE: "canary", mxm_SECRETS_PASSPHRASE: "canary", VAULT_KEY: "canary" };
    const context = { environment, isOwnVariable: (name: string) => name === "VAULT_KEY" };
    const backend = envBackend.open({ name: "override", options }, isolatedContext(context));
    await expect(read(backend, path)).rejects.toThrow(AccessDeniedError);
    const report = await backend.check?.([path, "other"], {}, new Map());
    expect(report).toMatchObject({ findings: [{ severity: "problem" }] });
    expect([...(report?.presence.values() ?? [])]).toEqual(["unknown", "absent"]);
    expect(JSON.stringify(report)).not.toContain("canary");
    const unset = envBackend.open({ name: "override", options }, isolatedContext({ ...context, environment: {} }));
    expect(await read(unset, path)).toBeUndefined();
  });

  test("refuses a prefix that no variable can begin with", () => {
    expect(() => open({}, { prefix: "1-" })).toThrow(/stores\.override\.prefix: expected letters/);
  });
});
