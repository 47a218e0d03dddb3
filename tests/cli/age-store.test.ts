import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recipientOf } from "../support/age-tree.js";
import { useProject } from "../support/project.js";
import { identityTextOf } from "../support/sealed-store.js";

const configuration = `version: 1
stores:
  vault: { backend: age, root: vault, key: key.txt }
refs:
  smtp_password: { store: vault, path: prod/smtp, policy: services }
policies:
  services: { allowed_principals: [service], actions: [read, write] }
identity: { environment: dev, role: service }
`;

/** A project whose secrets are age files, with a key that opens them. */
async function ageProject() {
  const project = await useProject();
  const at = (name: string) => join(project.directory, name);
  writeFileSync(at("mxm-secrets.yaml"), configuration);
  writeFileSync(at("key.txt"), `${identityTextOf("reader")}\n`, { mode: 0o600 });
  mkdirSync(at("store"));
  // The directory may be a link.
  symlinkSync("store", at("vault"));
  writeFileSync(at("store/.age-recipients"), `${await recipientOf("reader")}\n`);
  return { project, at };
}

test("a value in an age file is set, given to a program, listed as present and removed", async () => {
  const { project, at } = await ageProject();
  const { run } = project;
  const input = "canary-b41e";
  expect(await run(["set", "smtp_password", "--stdin"], { input })).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(at("store/prod/smtp.age"), "latin1")).not.toContain(input);
  expect(await run(["get", "smtp_password"])).toMatchObject({ status: 0, stdout: `${input}\n` });
  const child = ["run", "--only", "smtp_password", "--", "sh", "-c", 'test "$SMTP_PASSWORD" = canary-b41e'];
  expect(await run(child)).toMatchObject({ status: 0 });
  const check = await run(["check"]);
  expect(check).toMatchObject({ status: 0 });
  expect(check.stdout).not.toContain(input);
  expect(await run(["rm", "smtp_password", "--yes"])).toMatchObject({ status: 0 });
  expect(existsSync(at("store/prod"))).toBe(false);
});

test("each way to fail has its exit code, and a default replaces absence only", async () => {
  const { project, at } = await ageProject();
  const { run } = project;
  const get = async () => (await run(["get", "smtp_password", "--default", "d"])).status;
  expect(await get()).toBe(0);
  await run(["set", "smtp_password", "--stdin"], { input: "canary-b41e" });
  const sound = readFileSync(at("store/prod/smtp.age"));
  writeFileSync(at("store/prod/smtp.age"), sound.subarray(0, -1));
  expect(await get()).toBe(6);
  writeFileSync(at("store/prod/smtp.age"), sound);
  writeFileSync(at("key.txt"), `${identityTextOf("stranger")}\n`);
  expect(await get()).toBe(5);
  writeFileSync(at("mxm-secrets.yaml"), configuration.replace("root: vault", "root: none"));
  expect(await get()).toBe(4);
});

test("no output is written over what is in the store, nor over its key", async () => {
  const { project } = await ageProject();
  await project.run(["set", "smtp_password", "--stdin"], { input: "canary-b41e" });
  for (const file of ["vault/prod/smtp.age", "store/new.age", "vault/.age-recipients", "key.txt"]) {
    const end = await project.run(["export", "--format", "json", "--only", "smtp_password", "--output", file]);
    expect(end).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("is a file of this project, and no output is written over it"),
    });
  }
});
