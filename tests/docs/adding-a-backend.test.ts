import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageBlocks } from "../support/play-page.js";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/adding-a-backend.md"), "utf8");
const cache = join(root, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
/** A copy of the repository with nothing more than what the page adds. */
const copy = mkdtempSync(join(cache, "docs-backend-"));
const project = join(copy, "project");
const command = join(copy, "command.cjs");

beforeAll(() => {
  for (const part of ["src", "scripts", "docs", "tests/support", "tests/backends"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  for (const file of ["package.json", "tsconfig.json", "vitest.config.ts"]) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const block of pageBlocks(page)) {
    if (block.kind !== "file") continue;
    const file = join(copy, block.name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, block.text);
  }
  const [, diff = ""] = /^```diff\n(.*?)^```$/ms.exec(page) ?? [];
  const { file, text } = patched(diff);
  writeFileSync(file, text);
  mkdirSync(project);
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Puts each `+` line below the line that stands before it: the rows of other kinds are not the page's business. */
function patched(diff: string): { readonly file: string; readonly text: string } {
  const [name = "", ...lines] = diff.trimEnd().split("\n");
  const file = join(copy, name.replace(/^ \/\/ /, ""));
  const text = readFileSync(file, "utf8").split("\n");
  let at = -1;
  for (const line of lines) {
    if (line.startsWith("+")) text.splice((at += 1), 0, line.slice(1));
    else at = text.indexOf(line.slice(1));
    if (at === -1) throw new Error(`${name} has no line \`${line.slice(1)}\``);
  }
  return { file, text: text.join("\n") };
}

function run(program: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], { cwd: copy, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

describe("the kind of store that docs/adding-a-backend.md builds", () => {
  test("type-checks, with the row, the test and nothing else", () => {
    const config = { extends: "./tsconfig.json", include: ["src", "scripts/*.d.mts", "tests/backends/json.test.ts"] };
    writeFileSync(join(copy, "tsconfig.page.json"), JSON.stringify(config));
    const ended = run("node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", "tsconfig.page.json");
    expect(ended).toEqual({ status: 0, output: "" });
  });

  test("imports in the one direction there is", () => {
    expect(run("scripts/check-imports.mjs")).toEqual({ status: 0, output: "" });
  });

  test("keeps the contract, and its row lacks nothing once the table of options is written", async () => {
    await bundle(
      "table.mjs",
      `import { readFileSync, writeFileSync } from "node:fs";
      import { builtInBackends } from "./src/backends/registry.js";
      import { withStoreTable } from "./scripts/store-table.mjs";
      const page = "docs/configuration.md";
      writeFileSync(page, withStoreTable(readFileSync(page, "utf8"), builtInBackends));`,
    );
    expect(run("table.mjs")).toEqual({ status: 0, output: "" });
    const { status, output } = run(
      "node_modules/vitest/vitest.mjs",
      "run",
      "--no-color",
      "--project=unit",
      ...["json", "registry"].map((name) => `tests/backends/${name}.test.ts`),
    );
    expect({ status, output }).toMatchObject({ status: 0, output: expect.stringMatching(/Test Files +2 passed/) });
  });

  test("is a kind the schema knows", async () => {
    await bundle(
      "schema.mjs",
      `import { builtInKinds } from "./src/backends/registry.js";
      import { configSchema } from "./src/domain/schema.js";
      console.log(JSON.stringify(configSchema(builtInKinds())));`,
    );
    expect(run("schema.mjs").output).toContain('{"if":{"properties":{"backend":{"const":"json"}}');
  });

  test("is in the command: help, check, set, get and list know it", async () => {
    await bundle(
      "build.mjs",
      `import { bundleCommand, hotSources } from "./scripts/bundle.mjs";
      const options = { entry: "src/cli/entry.ts", version: "0.0.0-page", hotSources };
      await bundleCommand({ ...options, outfile: ${JSON.stringify(command)} });`,
    );
    expect(run("build.mjs")).toEqual({ status: 0, output: "" });
    const configuration = {
      stores: { desk: { backend: "json", path: "desk.json" } },
      refs: { api_key: { store: "desk", policy: "all" } },
      policies: { all: { allowed_principals: ["developer"], actions: ["read", "write"] } },
      identity: { environment: "dev", role: "developer" },
    };
    writeFileSync(join(project, "mxm-secrets.yaml"), JSON.stringify(configuration));
    expect(mxm("help", "stores")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ {2}json {2}one JSON/m) });
    expect(mxm("check")).toMatchObject({ status: 7, stdout: expect.stringContaining("there is no file") });
    writeFileSync(join(project, "desk.json"), "{}", { mode: 0o600 });
    expect(mxm("get", "api_key")).toMatchObject({ status: 1, stderr: "[NOT FOUND]\n" });
    expect(mxm("set", "api_key", "--stdin")).toMatchObject({ status: 0, stderr: "" });
    expect(mxm("get", "api_key")).toMatchObject({ status: 0, stdout: "the value\n" });
    expect(mxm("check").stdout).toContain("ok      store desk (json, enforcement advisory)\n");
  });
});

/** Makes one script of what it imports from the copy. */
async function bundle(name: string, contents: string): Promise<void> {
  const { build } = await import("esbuild");
  const entry = { contents, resolveDir: copy, loader: "ts" } as const;
  await build({
    stdin: entry,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["./scripts/*"],
    outfile: join(copy, name),
  });
}

function mxm(...argv: string[]) {
  const environment = { PATH: process.env["PATH"], HOME: project, MXM_SECRETS_STATE: join(project, "state") };
  const options = { cwd: project, env: environment, input: "the value", encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...argv], options);
  return { status, stdout, stderr };
}
