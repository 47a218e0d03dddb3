import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { envBackend } from "../../src/backends/env.js";
import { environmentNameOfPath } from "../../src/domain/names.js";
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

  test("refuses a prefix that no variable can begin with", () => {
    expect(() => open({}, { prefix: "1-" })).toThrow(/stores\.override\.prefix: expected letters/);
  });
});
