import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ownVariables } from "../../src/domain/own-variables.js";
import { useCanary } from "../support/canary-project.js";
import { useProject } from "../support/project.js";
import type { Project, RunOptions } from "../support/project.js";

const timeout = 60_000;

/** What it says as data, with its exit code. */
async function diagnose({ run }: Project, options: RunOptions = {}): Promise<Readonly<Record<string, unknown>>> {
  const { status, stdout, stderr } = await run(["doctor", "--json"], options);
  expect(stderr).toBe("");
  return { status, ...(JSON.parse(stdout) as object) };
}

test("without a configuration it looks at the machine, and is content", { timeout }, async () => {
  const project = await useProject();
  const { run, home } = project;
  const { status, stdout } = await run(["doctor"]);
  expect(status).toBe(0);
  expect(stdout.split("\n")[0]).toMatch(/^ok {6}mxm-secrets \S+ with Node\.js v\d+\.\d+\.\d+ on \w+ \w+$/);
  expect(stdout).toContain("warning configuration\n        warning: there is no mxm-secrets.yaml here or above\n");
  expect(await diagnose(project)).toMatchObject({
    status: 0,
    ok: true,
    directories: { state: { path: project.state, findings: [] } },
    configuration: { file: null },
    identity: null,
    programs: [],
  });
  expect(existsSync(join(home, "state"))).toBe(false);
});

test("a project that is ready has no finding, and says who would ask and why that file", { timeout }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const file = join(project.directory, "mxm-secrets.yaml");
  const here = await diagnose(project);
  expect(here).toMatchObject({
    ok: true,
    configuration: { file, source: "found", findings: [] },
    stores: [{ name: "local", findings: [] }],
    refs: [{ name: "first_key", presence: "present" }],
  });
  expect(here["identity"]).toMatchObject({
    fields: expect.arrayContaining([
      { field: "role", value: "developer", source: "identity.role of the configuration" },
    ]) as unknown,
  });
  const elsewhere = { cwd: project.home, env: { MXM_SECRETS_CONFIG: file, MXM_ROLE: "loader" } };
  expect(await diagnose(project, elsewhere)).toMatchObject({
    configuration: { file, source: "MXM_SECRETS_CONFIG" },
    identity: { fields: expect.arrayContaining([{ field: "role", value: "loader", source: "MXM_ROLE" }]) as unknown },
    environment: { variables: expect.arrayContaining(["MXM_ROLE", "MXM_SECRETS_CONFIG"]) as unknown, findings: [] },
  });
});

test(
  "every fault of a configuration is a finding, and the machine is looked at all the same",
  { timeout },
  async () => {
    const project = await useProject();
    await project.run(["init"]);
    const file = join(project.directory, "mxm-secrets.yaml");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace("backend: sealed", "backend: sealt").replace("policies:", "polices:"));
    const { status, stdout } = await project.run(["doctor"]);
    expect(status).toBe(7);
    expect(stdout).toMatch(/^ok {6}state directory /m);
    expect(stdout).toMatch(/^problem configuration$/m);
    expect(stdout).toMatch(/problem: mxm-secrets\.yaml:\d+: polices: .*did you mean `policies`\?$/m);
    expect(stdout).toMatch(/problem: mxm-secrets\.yaml:\d+: stores\.local\.backend: unknown backend `sealt`/m);
  },
);

test("of an untrusted configuration it says so, finds its programs, and opens no store", { timeout }, async () => {
  const project = await useProject();
  const script = join(project.directory, "tell.sh");
  writeFileSync(script, "#!/bin/sh\ntouch ran\nprintf value\n", { mode: 0o700 });
  writeFileSync(
    join(project.directory, "mxm-secrets.yaml"),
    `version: 1
stores:
  own: { backend: command, read: ["./tell.sh", "{path}"] }
  gone: { backend: command, read: [no-such-program-anywhere, "{path}"] }
refs:
  some_key: { store: own, path: some_key, policy: all }
policies:
  all: { allowed_principals: [developer], actions: [read] }
`,
  );
  const found = await diagnose(project);
  expect(found).toMatchObject({
    status: 7,
    configuration: { findings: [{ severity: "problem" }, { severity: "problem" }] },
    programs: [
      { store: "own", program: "./tell.sh", path: script, findings: [] },
      { store: "gone", path: null, findings: [{ message: "`no-such-program-anywhere` is not on PATH" }] },
    ],
  });
  expect(found).not.toHaveProperty("stores");
  expect(existsSync(join(project.directory, "ran"))).toBe(false);
  const { stdout } = await project.run(["doctor"]);
  expect(stdout).toContain("mxm-secrets trust --config");
});

test("directories that others can change, or nobody can make, are told", { timeout }, async () => {
  const project = await useProject();
  const { home, state } = project;
  mkdirSync(state, { mode: 0o700 });
  chmodSync(state, 0o777);
  const open = await diagnose(project);
  expect(open).toMatchObject({ status: 7, ok: false, directories: { state: { findings: [{ severity: "problem" }] } } });
  rmSync(state, { recursive: true });
  writeFileSync(join(home, "file"), "");
  const below = { env: { MXM_SECRETS_STATE: join(home, "file/state"), MXM_SECRETS_CACHE: join(home, "file/cache") } };
  expect(await diagnose(project, below)).toMatchObject({
    status: 7,
    directories: { state: { findings: [{ severity: "problem" }] }, cache: { findings: [{ severity: "warning" }] } },
  });
  const { stdout } = await project.run(["doctor"], { env: { MXM_SECRETS_NO_CACHE: "1" } });
  expect(stdout).toContain("ok      cache directory: MXM_SECRETS_NO_CACHE does without\n");
});

test("a fault in who asks is told, and everything else is looked at", { timeout }, async () => {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const stores = [{ name: "local", findings: [] }];
  for (const env of [{ MXM_MACHINE: " " }, { MXM_APP: "a\u0001" }]) {
    const found = await diagnose(project, { env });
    expect(found).toMatchObject({ status: 7, identity: { findings: [{ severity: "problem" }] }, stores });
  }
  const file = join(project.directory, "mxm-secrets.yaml");
  const configuration = readFileSync(file, "utf8");
  writeFileSync(file, configuration.replace(/^( +)allowed_principals:/m, "$1min_assurance: verified\n$&"));
  expect(await diagnose(project)).toMatchObject({
    status: 0,
    identity: { assurance: "verified", findings: [] },
    stores,
  });
  writeFileSync(file, configuration.replace(/^identity:.*(\n +.*)*/m, ""));
  expect(await diagnose(project)).toMatchObject({
    status: 0,
    identity: { findings: [{ severity: "warning" }] },
    stores,
  });
});

test("a program that a store may do without is no problem", { timeout }, async () => {
  const project = await useProject();
  writeFileSync(
    join(project.directory, "mxm-secrets.yaml"),
    `version: 1
stores:
  file: { backend: sops, path: secrets.enc.yaml }
  red: { backend: gopass }
  all: { backend: chain, stores: [red, here] }
  here: { backend: env }
refs: {}
policies: {}
`,
  );
  const { directory } = project;
  mkdirSync(join(directory, "bin"));
  const found = await diagnose(project, { env: { PATH: join(directory, "bin") } });
  expect(found["programs"]).toEqual(
    ["file gpg", "red gopass", "red gpg", "red git"].map((each) => {
      const [store, program = ""] = each.split(" ");
      const findings = [{ severity: "warning", message: `\`${program}\` is not on PATH` }];
      return { store, program, path: null, findings };
    }),
  );
});

test(
  "a cache that is not used is a warning, and so is a file in the place of a directory a problem",
  { timeout },
  async () => {
    const project = await useProject();
    const cache = join(project.home, "shared");
    mkdirSync(cache);
    chmodSync(cache, 0o755);
    writeFileSync(join(project.home, "plain"), "");
    const env = { MXM_SECRETS_CACHE: cache, MXM_SECRETS_STATE: join(project.home, "plain") };
    const { stdout, status } = await project.run(["doctor"], { env });
    expect(status).toBe(7);
    expect(stdout).toContain(`warning cache directory ${cache}\n        warning: \`${cache}\` is not used`);
    expect(stdout).toContain(`problem: \`${join(project.home, "plain")}\` is no directory\n          move it away`);
  },
);

test("a variable that was misspelt is told by its name, without what is in it", { timeout }, async () => {
  const { canary, quietly, run } = await useCanary();
  const env = { MXM_SECRETS_PASPHRASE: canary.value, MXM_SECRETS_PASSPHRASE: canary.value };
  const { stdout } = await run(["doctor"], { env });
  expect(stdout).toContain("did you mean MXM_SECRETS_PASSPHRASE?");
  expect(canary.formsIn(stdout)).toEqual([]);
  expect(await quietly(["doctor", "--json"])).toEqual([0]);
});

test("it knows every variable that the sources and the pages name", () => {
  const root = resolve(import.meta.dirname, "../..");
  const textsIn = (directory: string) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(?:ts|md)$/.test(name))
      .map((name) => readFileSync(join(root, directory, name), "utf8"));
  const named = (texts: readonly string[]) =>
    new Set(texts.flatMap((text) => [...text.matchAll(/["`](MXM_[A-Z_]*[A-Z])[`"]/g)].map(([, name = ""]) => name)));
  // What the build puts in.
  const built = ["MXM_SECRETS_BUILD", "MXM_SECRETS_VERSION"];
  const inSources = [...named(textsIn("src"))].filter((name) => !built.includes(name));
  const inPages = [...named(textsIn("docs"))];
  expect(inSources.length).toBeGreaterThan(5);
  expect([...inSources, ...inPages].filter((name) => !ownVariables.includes(name))).toEqual([]);
});
