import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { makeCanary } from "../../support/canary.js";
import { playPage } from "../../support/play-page.js";
import { useProject } from "../../support/project.js";

/**
 * In place of the engine: keeps, for each call, what an engine would be given, which is the contents of each file named by
 * an option or a variable, and the variables that the page gives to it.
 */
const docker = `#!/usr/bin/env node
const { appendFileSync, readFileSync, existsSync } = require("node:fs");
const given = Object.entries(process.env).filter(([name]) => /^(DATABENTO|NPM_TOKEN)/.test(name));
const files = [...process.argv, ...given.map(([, value]) => value)].filter((word) => !word.includes("\\n") && existsSync(word));
const contents = files.filter((file) => !require("node:fs").statSync(file).isDirectory() && !file.endsWith("docker") && !/node$/.test(file))
  .map((file) => readFileSync(file, "utf8"));
appendFileSync(process.env.HOME + "/calls", JSON.stringify({ argv: process.argv.slice(2), given: Object.fromEntries(given), contents }) + "\\n");
`;

interface Call {
  readonly argv: readonly string[];
  readonly given: Readonly<Record<string, string>>;
  readonly contents: readonly string[];
}

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly secrets?: readonly string[]; readonly env_file?: readonly { readonly path: string }[] }>
  >;
  readonly secrets?: Readonly<Record<string, { readonly environment?: string; readonly file?: string }>>;
}

test("what docs/recipes/docker.md shows happens, and the engine is given the value in no argument", async () => {
  const project = await useProject();
  const canary = makeCanary();
  const value = canary.value.replace("\n", " ");
  await project.run(["init"]);
  for (const name of ["databento_api_key", "npm_token"]) await project.run(["set", name, "--stdin"], { input: value });
  await project.run(["set", "tls_certificate", "--stdin"], { input: "-----BEGIN\n-----END\n" });
  writeFileSync(join(project.root, "bin/docker"), docker);
  chmodSync(join(project.root, "bin/docker"), 0o755);
  await playPage("docs/recipes/docker.md", project);
  const calls = readFileSync(join(project.home, "calls"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Call);
  expect(calls.map(({ argv }) => argv.filter((word) => !word.startsWith("-")).slice(0, 2))).toEqual([
    ["compose", "up"],
    ["compose", "compose.files.yaml"],
    ["run", "loader.env"],
    ["compose", "compose.environment.yaml"],
    ["build", "id=npm_token,env=NPM_TOKEN"],
  ]);
  const [up, files, run, , build] = calls;
  expect(up?.given).toEqual({ DATABENTO_API_KEY: value });
  expect(files?.contents).toContain(value);
  expect(existsSync(files?.given["DATABENTO_API_KEY_FILE"] ?? project.root)).toBe(false);
  expect(run?.contents).toEqual([`DATABENTO_API_KEY=${value}\n`]);
  expect(build?.given).toEqual({ NPM_TOKEN: value });
  expect(canary.formsIn(calls.flatMap(({ argv }) => argv).join(" "))).toEqual([]);
  expect(canary.filesWith(project.directory)).toEqual([]);
});

test("every compose file of docs/recipes/docker.md names only secrets it defines, each from one source", async () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/recipes/docker.md"), "utf8");
  const composed = [...text.matchAll(/^```yaml\n# compose.*?\n(.*?)^```$/gms)].map(
    ([, body = ""]) => parse(body) as Compose,
  );
  expect(composed.length).toBe(4);
  for (const { services, secrets = {} } of composed) {
    const wanted = Object.values(services).flatMap((service) => service.secrets ?? []);
    expect(wanted.toSorted()).toEqual(Object.keys(secrets).toSorted());
    expect(Object.values(secrets).map((secret) => Object.keys(secret).length)).toEqual(wanted.map(() => 1));
  }
});
