import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPacked, npm } from "./support/offline-install.js";
import { mayRun } from "./support/terminal.js";

const root = new URL("..", import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), "mxm-package-"));
const consumer = join(scratch, "consumer");
const environment = { PATH: process.env["PATH"], HOME: scratch, LANG: "C.UTF-8" };

beforeAll(() => installPacked(consumer, scratch), 60_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("the packed package, installed elsewhere", () => {
  test("imports as a library, with every part of its public API", () => {
    const program = `
      import { SecretsApi, memoryBackend, getSecret } from "mxm-secrets";
      import { defineBackend } from "mxm-secrets/backend";
      import { backendContract } from "mxm-secrets/backend-contract";
      import { attestIdentity } from "mxm-secrets/runtime";
      const api = SecretsApi.fromConfigData(
        { stores: { session: { backend: "memory" } },
          refs: { api_key: { store: "session", path: "api_key", policy: "all" } },
          policies: { all: { allowed_principals: ["service"] } } },
        { backends: [memoryBackend({ api_key: "v" })] });
      const identity = { role: "service", environment: "test", machine: "here" };
      console.log(await api.getSecret({ secretName: "api_key", identity }));
      console.log(await getSecret("no/such", { default: "d", environment: {} }));
      const cases = backendContract({
        definition: memoryBackend(),
        store: () => ({ options: {} }),
        states: { denied: "no", locked: "no", unavailable: "no", corrupt: "no" },
        names: { held: ["a/b"], refused: ["a/../b"] },
        slow: "no",
        concurrency: "no",
      });
      for (const { run } of cases) await run();
      console.log([defineBackend, backendContract, attestIdentity].map((one) => typeof one).join());
    `;
    writeFileSync(join(consumer, "program.mjs"), program);
    const output = execFileSync(process.execPath, ["program.mjs"], {
      cwd: consumer,
      env: environment,
      encoding: "utf8",
    });
    expect(output).toBe("v\nd\nfunction,function,function\n");
  });

  test("has types for each of its four entries, as a strict importer sees them", () => {
    const program = `
      import { getSecret, isSecretsError, SecretsApi } from "mxm-secrets";
      import type { RuntimeIdentity } from "mxm-secrets";
      import { anyPath, defineBackend } from "mxm-secrets/backend";
      import { backendContract } from "mxm-secrets/backend-contract";
      import { attestIdentity, loadSecretsApi } from "mxm-secrets/runtime";
      const stated: RuntimeIdentity = { role: "service", environment: "test", machine: "here" };
      const api: SecretsApi | undefined = await loadSecretsApi();
      const value: string | undefined = await api?.getSecret({ secretName: "a", identity: attestIdentity(stated) });
      // @ts-expect-error a request names a secret
      export const refused = () => api?.getSecret({ identity: stated });
      export const used = [value, getSecret, isSecretsError, anyPath, defineBackend, backendContract];
    `;
    writeFileSync(join(consumer, "program.ts"), program);
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--noEmit", "--types", "node"];
    const typeRoots = ["--typeRoots", join(root, "node_modules/@types")];
    const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, ...typeRoots, "program.ts"], {
      cwd: consumer,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  test("knows the names that its command declares", () => {
    const configuration = {
      version: 1,
      stores: { override: { backend: "env" } },
      refs: { databento_api_key: { store: "override", policy: "all" } },
      policies: { all: { allowed_principals: ["service"] } },
    };
    writeFileSync(join(consumer, "mxm-secrets.yaml"), JSON.stringify(configuration));
    npm(["exec", "--offline", "--", "mxm-secrets", "types"], consumer, scratch);
    const program = `
      import { getSecret, SecretsApi } from "mxm-secrets";
      import { loadSecretsApi } from "mxm-secrets/runtime";
      const identity = { role: "service", environment: "test", machine: "here" };
      const api: SecretsApi | undefined = await loadSecretsApi();
      export const good = [api?.getSecret({ secretName: "databento_api_key", identity }), getSecret("prod/smtp")];
      // @ts-expect-error misspelt
      export const wrong = api?.getSecret({ secretName: "databento_api_kye", identity });
      // @ts-expect-error misspelt
      export const wrongToo = getSecret("databento_api_kye");
    `;
    writeFileSync(join(consumer, "named.ts"), program);
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const options = ["--strict", "--module", "nodenext", "--target", "es2023", "--noEmit", "--types", "node"];
    const files = ["--typeRoots", join(root, "node_modules/@types"), "named.ts", "mxm-secrets-names.d.ts"];
    const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, ...files], {
      cwd: consumer,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  test("brings the schema of the configuration file", () => {
    const file = join(consumer, "node_modules/mxm-secrets/schema/mxm-secrets.schema.json");
    const validate = new Ajv2020().compile(JSON.parse(readFileSync(file, "utf8")) as object);
    const good = { stores: { local: { backend: "env" } }, refs: {}, policies: {} };
    expect(validate(good) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...good, stores: { local: { backend: "evn" } } })).toBe(false);
  });

  test("runs as a command through npx", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(npm(["exec", "--offline", "--", "mxm-secrets", "--version"], consumer, scratch)).toBe(`${version}\n`);
  });

  test("the command is two files that run alone, YAML and all", () => {
    const alone = join(scratch, "alone.cjs");
    for (const ending of ["cjs", "pieces"]) {
      cpSync(join(consumer, `node_modules/mxm-secrets/dist/mxm-secrets.${ending}`), join(scratch, `alone.${ending}`));
    }
    const project = join(scratch, "project");
    mkdirSync(project);
    const run = (...argv: string[]) =>
      execFileSync(process.execPath, [alone, ...argv], {
        cwd: project,
        env: environment,
        encoding: "utf8",
        stdio: "pipe",
      });
    run("init", "--post-quantum");
    writeFileSync(join(project, "value"), "v");
    run("set", "API_KEY", "--file", "value");
    expect(run("get", "API_KEY")).toBe("v\n");
  });

  test.skipIf(!mayRun)("masks what a command shows on a terminal, with the native part it was installed with", () => {
    const project = join(scratch, "terminal");
    mkdirSync(project);
    const command = join(consumer, "node_modules/.bin/mxm-secrets");
    const set = `${command} init 2>/dev/null && printf %s the-value | ${command} set api_key --stdin`;
    const run = `${command} run --only api_key -- sh -c 'test -t 1 && echo "shown: $API_KEY"'`;
    const output = execFileSync("script", ["-qec", `${set}; ${run}`, "/dev/null"], {
      cwd: project,
      env: { ...environment, SHELL: "/bin/sh", TERM: "xterm" },
      encoding: "utf8",
    });
    expect(output).toContain("shown: [secret api_key]");
  });

  test.skipIf(process.platform !== "linux")(
    "asks the keychain by the native part it was installed with, or says it has none",
    () => {
      const project = join(scratch, "keychain");
      const configuration = {
        stores: { desk: { backend: "keychain" } },
        refs: { api_key: { store: "desk", policy: "all" } },
        policies: { all: { allowed_principals: ["service"] } },
        identity: { role: "service", environment: "test" },
      };
      mkdirSync(project);
      // The helper must not be what the package of the working directory makes of it.
      writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module" }));
      writeFileSync(join(project, "mxm-secrets.yaml"), JSON.stringify(configuration));
      const program = `
      import { SecretsApi } from "mxm-secrets";
      const api = SecretsApi.fromConfigData(${JSON.stringify({ ...configuration, identity: undefined })});
      const identity = { role: "service", environment: "test", machine: "here" };
      await api.getSecret({ secretName: "api_key", identity }).catch(({ message }) => console.error(message));
    `;
      writeFileSync(join(consumer, "keychain.mjs"), program);
      const alone = join(scratch, "no-packages.cjs");
      for (const ending of ["cjs", "pieces"]) {
        const file = join(consumer, `node_modules/mxm-secrets/dist/mxm-secrets.${ending}`);
        cpSync(file, join(scratch, `no-packages.${ending}`));
      }
      const said = (...argv: string[]) =>
        spawnSync(process.execPath, argv, { cwd: project, env: environment, encoding: "utf8" }).stderr;
      const noBus = "there is no keychain here: no Secret Service on a D-Bus session bus";
      expect(said(join(consumer, "node_modules/.bin/mxm-secrets"), "get", "api_key")).toContain(
        `mxm-secrets: ${noBus}\n`,
      );
      expect(said(join(consumer, "keychain.mjs"))).toContain(`${noBus}\n`);
      expect(said(alone, "get", "api_key")).toContain("the package `@napi-rs/keyring` is not installed");
    },
  );

  test("ships the documents and no source of its tests", () => {
    const files = readdirSync(join(consumer, "node_modules/mxm-secrets"), { recursive: true }).map(String);
    for (const file of [
      "README.md",
      "LICENSE",
      "SECURITY.md",
      "CHANGELOG.md",
      "docs/format.md",
      "schema/mxm-secrets.schema.json",
    ]) {
      expect(files).toContain(file);
    }
    expect(files.filter((file) => /(^|\/)(tests|bench|\.ci|\.tools)(\/|$)/.test(file))).toEqual([]);
  });
});
