import { appendFileSync, copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { SecretsApi } from "../../src/index.js";
import { useProject } from "../support/project.js";
import type { Project } from "../support/project.js";

const timeout = 60_000;

const configuration = `version: 1
stores:
  local: { backend: sealed, path: secrets.enc }
  override: { backend: env }
refs:
  databento_api_key:
    store: local
    policy: default
    owner: marketdata team
    used_by: [loader, reports]
    rotate_every: 90d
    rotation: restart | required
  never_set: { store: local, policy: default, rotate_every: 30d }
  smtp_password: { store: override, policy: default, rotate_every: 1y }
  untimed: { store: local, policy: default }
policies:
  default: { allowed_principals: [developer], actions: [read, write] }
`;

/** A project whose values were written long ago, whatever day it is. */
async function useOldProject(): Promise<Project> {
  const project = await useProject();
  await project.run(["init"]);
  writeFileSync(join(project.directory, "mxm-secrets.yaml"), configuration);
  const api = SecretsApi.fromConfigData(parse(configuration), {
    baseDirectory: project.directory,
    stateDirectory: project.state,
    now: () => Date.UTC(2020, 0, 1),
  });
  const identity = { role: "developer", environment: "dev", machine: "here" };
  for (const secretName of ["databento_api_key", "untimed"]) await api.setSecret({ secretName, identity, value: "v" });
  return project;
}

test("a value that is moved to another name or store is as old as it was", { timeout }, async () => {
  const { run, directory, machine } = await useOldProject();
  const other = "stores:\n  other: { backend: sealed, path: other.enc, key: other.key }\n";
  writeFileSync(join(directory, "mxm-secrets.yaml"), configuration.replace("stores:\n", other));
  const second = machine("other");
  await second.run(["init"]);
  copyFileSync(join(second.directory, "secrets.enc"), join(directory, "other.enc"));
  copyFileSync(join(second.directory, ".key"), join(directory, "other.key"));
  await run(["trust", "--store", "other", "--yes"]);
  const identity = ["--role", "developer", "--environment", "dev"];
  const inventory = async () => JSON.parse((await run(["inventory", "--json"])).stdout) as unknown;
  expect(await run(["mv", "databento_api_key", "market_key", ...identity])).toMatchObject({ status: 0 });
  expect(await inventory()).toContainEqual(
    expect.objectContaining({ name: "market_key", lastChanged: "2020-01-01T00:00:00Z", isOverdue: true }),
  );
  expect(
    await run(["import", "--from-store", "local", "--store", "other", "--only", "market_key", ...identity]),
  ).toMatchObject({
    status: 0,
  });
  expect(await inventory()).toContainEqual(
    expect.objectContaining({ name: "market_key", store: "other", lastChanged: "2020-01-01T00:00:00Z" }),
  );
});

test("inventory is a table of every secret with its age and when it is due", { timeout }, async () => {
  const { run } = await useOldProject();
  expect(await run(["inventory"])).toMatchObject({
    status: 0,
    stderr: "",
    stdout: [
      "NAME               OWNER            USED BY          STORE     LAST CHANGED  ROTATION DUE             HOW TO ROTATE",
      "databento_api_key  marketdata team  loader, reports  local     2020-01-01    2020-03-31 overdue       restart | required",
      "never_set          -                -                local     no value      -                        -",
      "smtp_password      -                -                override  unknown       unknown, every 365 days  -",
      "untimed            -                -                local     2020-01-01    -                        -",
      "",
    ].join("\n"),
  });
});

test(
  "--overdue lists those alone, --markdown makes a table of plain text, --json is the whole entry",
  { timeout },
  async () => {
    const { run } = await useOldProject();
    const overdue = await run(["inventory", "--overdue", "--markdown"]);
    expect(overdue.stdout.split("\n")).toEqual([
      "| Name | Owner | Used by | Store | Last changed | Rotation due | How to rotate |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      String.raw`| databento\_api\_key | marketdata team | loader, reports | local | 2020-01-01 | 2020-03-31 overdue | restart \| required |`,
      "",
    ]);
    expect(JSON.parse((await run(["inventory", "--overdue", "--json"])).stdout)).toEqual([
      expect.objectContaining({
        name: "databento_api_key",
        usedBy: ["loader", "reports"],
        age: "known",
        lastChanged: "2020-01-01T00:00:00Z",
        rotationDue: "2020-03-31T00:00:00Z",
        isOverdue: true,
      }),
    ]);
    expect(await run(["inventory", "--json", "--markdown"])).toMatchObject({ status: 2, stdout: "" });
  },
);

test("whoever has no key sees the same, and a value that is set anew is no longer overdue", { timeout }, async () => {
  const { run, directory } = await useOldProject();
  const whole = await run(["inventory"]);
  renameSync(join(directory, ".key"), join(directory, "kept"));
  expect(await run(["inventory"])).toEqual(whole);
  renameSync(join(directory, "kept"), join(directory, ".key"));
  const set = ["set", "databento_api_key", "--stdin", "--role", "developer", "--environment", "dev"];
  expect(await run(set, { input: "new" })).toMatchObject({ status: 0 });
  expect(await run(["inventory", "--overdue"])).toMatchObject({ status: 0, stdout: "" });
});

test("a store that was altered is told with its code, and the other secrets are listed", { timeout }, async () => {
  const { run, directory } = await useOldProject();
  appendFileSync(join(directory, "secrets.enc"), "x");
  const { status, stdout, stderr } = await run(["inventory"]);
  expect({ status, stderr }).toMatchObject({ status: 6, stderr: expect.stringContaining("secrets.enc") });
  expect(stdout).toMatch(/^databento_api_key .*local +unknown/m);
});

test("check warns of what is overdue, and that alone does not fail it", { timeout }, async () => {
  const { run, directory } = await useOldProject();
  const file = join(directory, "mxm-secrets.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(/^ {2}(never_set|smtp_password): .*\n/gm, ""));
  expect(await run(["check"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(
      [
        "warning rotation",
        "        warning: `databento_api_key` was last changed on 2020-01-01 and was due on 2020-03-31",
        "          change it at its source, then `mxm-secrets set databento_api_key` (restart | required)",
      ].join("\n"),
    ),
  });
  const report = JSON.parse((await run(["check", "--json"])).stdout) as { readonly rotation: readonly unknown[] };
  expect(report.rotation).toEqual([expect.objectContaining({ severity: "warning" })]);
});
