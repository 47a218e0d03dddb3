import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { canary, makeUser } from "../support/sops.js";

const configuration = (options = "") => `version: 1
stores:
  team: { backend: sops, path: secrets.yaml${options} }
refs:
  token: { store: team, path: api/token, policy: default }
policies:
  default: { allowed_principals: [developer], actions: [read, write] }
identity: { environment: dev, role: developer }
`;

/** A project with a SOPS file that is not made yet, and the identities for it as text. */
async function sopsProject(options?: string) {
  const project = await useProject();
  const { keyFile } = await makeUser(project.directory);
  writeFileSync(join(project.directory, "mxm-secrets.yaml"), configuration(options));
  return { ...project, keyFile, identity: readFileSync(keyFile, "utf8").split("\n")[1] ?? "" };
}

test("a value goes into a new SOPS file and comes back, and a child does not get the key it is read with", async () => {
  const { run, identity, directory } = await sopsProject();
  const env = { SOPS_AGE_KEY: identity };
  const made = await run(["set", "token", "--stdin"], { input: `${canary} value`, env });
  expect([made.status, made.stdout]).toEqual([0, ""]);
  expect(made.stderr).toMatch(/^mxm-secrets: made `.*secrets\.yaml`, encrypted for `age age1\w+`\n$/);
  expect(readFileSync(join(directory, "secrets.yaml"), "utf8")).not.toContain(canary);
  expect(await run(["get", "token"], { env })).toMatchObject({ status: 0, stdout: `${canary} value\n`, stderr: "" });
  const child = await run(["run", "--only", "token", "--", "printenv", "SOPS_AGE_KEY"], { env });
  expect([child.status, child.stdout]).toEqual([1, ""]);
});

test("a locked file ends with 5, a changed one with 6, one that is not there with 4", async () => {
  const { run, identity, directory } = await sopsProject();
  const env = { SOPS_AGE_KEY: identity };
  expect((await run(["get", "token"], { env })).status).toBe(4);
  await run(["set", "token", "--stdin"], { input: canary, env });
  expect((await run(["get", "token"])).status).toBe(5);
  const file = join(directory, "secrets.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/( +token: )ENC.*$/m, "$1mine"));
  expect(await run(["get", "token"], { env })).toMatchObject({ status: 6, stdout: "" });
});

test("the program of SOPS_AGE_KEY_CMD is run only once the configuration that allows it is trusted", async () => {
  const { run, identity, keyFile, directory } = await sopsProject(", key_command: true");
  const log = join(directory, "log");
  const env = { SOPS_AGE_KEY_CMD: `sh -c 'echo run >>${log}; cat ${keyFile}'` };
  expect((await run(["trust", "--yes"])).status).toBe(0);
  await run(["set", "token", "--stdin"], { input: canary, env: { SOPS_AGE_KEY: identity } });
  expect((await run(["trust", "--revoke"])).status).toBe(0);
  expect((await run(["get", "token"], { env })).status).toBe(2);
  expect(() => readFileSync(log)).toThrow("ENOENT");
  expect((await run(["trust", "--yes"])).status).toBe(0);
  expect(await run(["get", "token"], { env })).toMatchObject({ status: 0, stdout: `${canary}\n` });
  expect(readFileSync(log, "utf8")).toBe("run\n");
});
