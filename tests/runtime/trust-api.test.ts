import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defineBackend } from "../../src/backend.js";
import { memoryBackend } from "../../src/index.js";
import { loadSecretsApi, trustConfiguration } from "../../src/runtime.js";

const directory = mkdtempSync(join(tmpdir(), "mxm-trust-api-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a configuration with something to run", () => {
  const own = defineBackend({
    ...memoryBackend({ api_key: "v" }),
    kind: "own",
    options: { server: { type: "string", description: "a server", needsTrust: "sends secrets to an address" } },
  });
  function untrusted(server = "https://vault") {
    const workingDirectory = mkdtempSync(join(directory, "project-"));
    const text = `stores: { here: { backend: own, server: ${JSON.stringify(server)} } }
refs: { api_key: { store: here, path: api_key, policy: all } }
policies: { all: { allowed_principals: [service] } }
`;
    writeFileSync(join(workingDirectory, "mxm-secrets.yaml"), text);
    const state = mkdtempSync(join(directory, "state-"));
    const options = {
      workingDirectory,
      environment: { MXM_SECRETS_STATE: state, MXM_SECRETS_CACHE: directory },
      backends: [own],
    };
    const edit = (from: string, to: string) =>
      writeFileSync(join(workingDirectory, "mxm-secrets.yaml"), text.replace(from, to));
    return { options, edit };
  }

  test("is refused in a program, too, until the user trusts it there, and again when it changes", async () => {
    const { options, edit } = untrusted();
    await expect(loadSecretsApi(options)).rejects.toMatchObject({
      code: "configuration",
      message: 'stores.here.server sends secrets to an address, and you have not trusted it: "https://vault"',
    });
    const asked: unknown[] = [];
    const answer = (isTrusted: boolean) =>
      trustConfiguration(options, (parts) => {
        asked.push(parts);
        return isTrusted;
      });
    expect(await answer(false)).toBe(false);
    await expect(loadSecretsApi(options)).rejects.toThrow(/not trusted/);
    expect(await answer(true)).toBe(true);
    expect(asked).toEqual([
      [{ place: "stores.here.server", reason: "sends secrets to an address", shown: '"https://vault"' }],
      [{ place: "stores.here.server", reason: "sends secrets to an address", shown: '"https://vault"' }],
    ]);
    expect(await answer(false)).toBe(true);
    const api = await loadSecretsApi(options);
    const identity = { role: "service", environment: "prod", machine: "m" };
    expect(await api?.getSecret({ secretName: "api_key", identity })).toBe("v");
    edit("https://vault", "https://evil");
    await expect(loadSecretsApi(options)).rejects.toThrow(/"https:\/\/evil"/);
  });

  test("shows a person in one line what it is, whatever it is made of", async () => {
    const { options } = untrusted("https://a\u202e/\u0007\u2028b");
    const shown = await new Promise((resolve, reject) => {
      trustConfiguration(options, ([part]) => {
        resolve(part?.shown);
        return false;
      }).catch(reject);
    });
    expect(shown).toBe('"https://a\\u202e/\\u0007\\u2028b"');
  });

  test("is one thing, none is another", async () => {
    const workingDirectory = mkdtempSync(join(directory, "none-"));
    writeFileSync(join(workingDirectory, ".git"), "");
    const options = { workingDirectory, environment: { HOME: directory } };
    await expect(trustConfiguration(options, () => true)).rejects.toThrow("there is no configuration to trust");
  });
});
