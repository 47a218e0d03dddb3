import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { factsOf, ProvenIdentity } from "../../src/domain/identity.js";
import { attestIdentity, discoverMachine, discoverSubstrate, loadSecretsApi } from "../../src/runtime.js";

const directory = mkdtempSync(join(tmpdir(), "mxm-load-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function project(extra = ""): { workingDirectory: string; environment: Record<string, string> } {
  const workingDirectory = mkdtempSync(join(directory, "project-"));
  const text = `stores: { here: { backend: env } }
refs: { api_key: { store: here, path: api_key, policy: attested_only } }
policies: { attested_only: { allowed_principals: [service], min_assurance: attested } }
${extra}`;
  writeFileSync(join(workingDirectory, "mxm-secrets.yaml"), text);
  return {
    workingDirectory,
    environment: { API_KEY: "v", MXM_SECRETS_STATE: directory, MXM_SECRETS_CACHE: directory },
  };
}

test("the configuration of a directory gives an api, and an attested identity passes where a claim does not", async () => {
  const api = await loadSecretsApi(project());
  const machine = { machine: discoverMachine(), substrate: discoverSubstrate() };
  const claimed = { role: "service", environment: "prod", ...machine };
  await expect(api?.getSecret({ secretName: "api_key", identity: claimed })).rejects.toMatchObject({ code: "denied" });
  expect(await api?.getSecret({ secretName: "api_key", identity: attestIdentity(claimed) })).toBe("v");
});

test("an identity of another machine is not attested", async () => {
  const api = await loadSecretsApi(project());
  const elsewhere = { role: "service", environment: "prod", machine: "elsewhere", substrate: discoverSubstrate() };
  const asked = api?.getSecret({ secretName: "api_key", identity: attestIdentity(elsewhere) });
  await expect(asked).rejects.toMatchObject({ code: "denied" });
});

test("no caller can say what an identity is compared with", async () => {
  const elsewhere = { role: "service", environment: "prod", machine: "elsewhere", substrate: "elsewhere" };
  const identity: unknown = Reflect.apply(attestIdentity, undefined, [elsewhere, elsewhere]);
  expect(attestIdentity).toHaveLength(1);
  expect(factsOf(identity instanceof ProvenIdentity ? identity : elsewhere).assurance).toBe("claimed");
  expect(identity).toBeInstanceOf(ProvenIdentity);
});

test("a variable attests no substrate", () => {
  const before = discoverSubstrate();
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "10.0.0.1");
  const substrate = discoverSubstrate();
  const identity = attestIdentity({ role: "service", environment: "prod", machine: discoverMachine(), substrate });
  vi.unstubAllEnvs();
  expect(substrate).toBe("kubernetes-pod");
  expect(factsOf(identity).assurance).toBe(before === "kubernetes-pod" ? "attested" : "claimed");
});

test("without a configuration there is no api", async () => {
  const workingDirectory = mkdtempSync(join(directory, "empty-"));
  writeFileSync(join(workingDirectory, ".git"), "");
  expect(await loadSecretsApi({ workingDirectory, environment: { HOME: directory } })).toBeUndefined();
});
