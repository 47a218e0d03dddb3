import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { envBackend } from "../../src/backends/env.js";
import { environmentNameOfPath } from "../../src/domain/names.js";
import { asNobody } from "../support/as-nobody.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { rotate } from "../support/volume.js";

const text = (value: string) => new TextEncoder().encode(value);

function open(
  environment: BackendContext["environment"],
  options: Readonly<Record<string, unknown>> = {},
  changes: Partial<BackendContext> = {},
): Backend {
  return envBackend.open({ name: "override", options }, isolatedContext({ environment, ...changes }));
}

async function read(backend: Backend, path: string): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

function fileWith(content: string, mode = 0o600): string {
  const directory = scratchDirectory();
  chmodSync(directory, 0o755);
  const file = join(directory, "value");
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

const broken = (file: () => string) => () => ({
  options: {},
  context: { environment: { ALPHA_FILE: file() } },
});

describe("the env backend with values in files keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: envBackend,
    store: () => {
      const directory = scratchDirectory();
      const environment: Record<string, string> = {};
      return {
        options: {},
        context: { environment },
        seed: (values) => {
          for (const [index, [path, value]] of [...values].entries()) {
            const file = join(directory, String(index));
            writeFileSync(file, value, { mode: 0o600 });
            environment[`${environmentNameOfPath(path)}_FILE`] = file;
          }
        },
      };
    },
    states: {
      denied: () => ({
        options: {},
        context: { environment: { ALPHA_FILE: fileWith(hiddenValue) }, isOwnVariable: () => true },
      }),
      locked: "the files are plain text and need no key",
      unavailable: broken(() => join(fileWith(hiddenValue), "..", "gone")),
      corrupt: "a file carries nothing to check it by: whatever it holds is the value",
    },
    names: { held: ["a", "prod/smtp-password.old", "A_B"], refused: ["2fa", "my pass", "a/../b"] },
    slow: "a regular file is read without waiting, and nothing else is opened",
    concurrency: "files are read one after the other",
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("NAME_FILE beside NAME", () => {
  test("gives what the file holds, less the newline after a single line", async () => {
    const environment = { SMTP_PASSWORD_FILE: fileWith("hunter2\n"), MYAPP_KEY_FILE: fileWith("-----\nkey\n-----\n") };
    expect(await read(open(environment), "smtp/password")).toBe("hunter2");
    expect(await read(open(environment, { prefix: "MYAPP_" }), "key")).toBe("-----\nkey\n-----\n");
    expect(await read(open(environment), "other")).toBeUndefined();
  });

  test("is read from where the process is when it is relative, and through any link", async () => {
    const file = fileWith("value");
    const volume = scratchDirectory();
    rotate(volume, { token: "mounted" });
    symlinkSync(file, join(volume, "out"));
    const environment = {
      A_FILE: join(volume, "out"),
      B_FILE: join(volume, "token"),
      C_FILE: join("..", "..", "..", "..", "..", "..", "..", "..", file),
    };
    expect(await read(open(environment), "a")).toBe("value");
    expect(await read(open(environment), "b")).toBe("mounted");
    expect(await read(open(environment), "c")).toBe("value");
  });

  test("beside NAME is an error that names both, as in the official images, also where one of them is empty", async () => {
    const cases = [
      { A: "canary", A_FILE: fileWith("canary") },
      { A: "", A_FILE: fileWith("canary") },
    ];
    for (const environment of cases) {
      const error: unknown = await read(open(environment), "a").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "configuration", exitCode: 2, message: "`A` and `A_FILE` are both set" });
      expect(JSON.stringify(error)).not.toContain("canary");
      const report = await open(environment).check?.(["a"], {}, new Map());
      expect(report).toMatchObject({ findings: [{ severity: "problem", code: "configuration" }] });
    }
  });

  test("that names no file, a directory or what the system shows as files is an error and no absence", async () => {
    const file = fileWith("x");
    mkdirSync(join(file, "..", "directory"));
    for (const named of [
      join(file, "..", "none"),
      join(file, "..", "directory"),
      "",
      "/proc/self/environ",
      "/dev/null",
    ]) {
      const backend = open({ A_FILE: named });
      await expect(read(backend, "a")).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
      const report = await backend.check?.(["a"], {}, new Map());
      expect(report).toMatchObject({ findings: [{ severity: "problem", code: "unavailable" }] });
      expect(report?.presence.get("a")).toBe("unknown");
    }
  });

  test("that the system does not let this user read is denied", async () => {
    const backend = open({ A_FILE: fileWith("canary", 0o000) });
    await open({ A_FILE: fileWith("x") }).check?.(["a"], {}, new Map());
    expect(await read(open({ A_FILE: fileWith("x") }), "a")).toBe("x");
    await asNobody(async () => {
      await expect(read(backend, "a")).rejects.toMatchObject({ code: "denied" });
      expect((await backend.check?.(["a"], {}, new Map()))?.findings).toMatchObject([{ severity: "problem" }]);
    });
  });

  test.each([
    ["one of ours", "mxm/secrets-passphrase", {}],
    ["one of ours by the prefix", "secrets_passphrase", { prefix: "MXM_" }],
    ["one that a key is read from", "vault_key", {}],
    ["one that itself holds a key", "vault", {}],
  ])("is refused for %s", async (_what, path, options) => {
    const file = fileWith("canary");
    const environment = { MXM_SECRETS_PASSPHRASE_FILE: file, VAULT_KEY_FILE: file, VAULT_FILE: file };
    const isOwnVariable = (name: string) => name === "VAULT_KEY" || name === "VAULT_FILE";
    await expect(read(open(environment, options, { isOwnVariable }), path)).rejects.toMatchObject({ code: "denied" });
  });

  test("is a variable like any other where the secret is called so, or the store says so", async () => {
    const environment = { TLS_KEY: "key", TLS_KEY_FILE: "/etc/tls.key" };
    expect(await read(open(environment), "tls_key_file")).toBe("/etc/tls.key");
    const pathsIn = () => ["tls_key", "tls/key-file"];
    expect(await read(open(environment, {}, { pathsIn }), "tls_key")).toBe("key");
    expect(await read(open(environment, {}, { pathsIn }), "tls/key-file")).toBe("/etc/tls.key");
    expect(await read(open({ TLS_KEY_FILE: "/etc/tls.key" }, {}, { pathsIn }), "tls_key")).toBeUndefined();
    expect(await read(open(environment, { files: false }), "tls_key")).toBe("key");
    expect(await read(open({ A_FILE: "/none" }, { files: false }), "a")).toBeUndefined();
  });

  test("check finds the file without reading it", async () => {
    const environment = { A_FILE: fileWith("canary") };
    expect(await open(environment).check?.(["a"], {}, new Map())).toEqual({
      findings: [],
      presence: new Map([["a", "present"]]),
    });
  });

  test("is switched by true or false alone", () => {
    expect(() => open({}, { files: "no" })).toThrow(/stores\.override\.files: expected true or false/);
  });

  test("is read whole up to 16 MiB, and refused above", async () => {
    const whole = text("x".repeat(1024 * 1024));
    expect((await read(open({ A_FILE: fileWith(new TextDecoder().decode(whole)) }), "a"))?.length).toBe(1024 * 1024);
    const larger = open({ A_FILE: fileWith("x".repeat(16 * 1024 * 1024 + 1)) });
    await expect(read(larger, "a")).rejects.toMatchObject({ code: "unavailable", message: /longer than/ });
  });
});
