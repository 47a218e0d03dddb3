import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openInEditor } from "../support/language-server.js";
import { useProject } from "../support/project.js";

const root = resolve(import.meta.dirname, "../..");
const timeout = 60_000;

const configuration = (names: readonly string[]) => `
version: 1
stores: { override: { backend: env } }
refs:
${names.map((name) => `  ${name}: { store: override, policy: all, description: The ${name} of the vendor }\n`).join("")}
policies: { all: { allowed_principals: [service] } }
`;

async function useTypes(names = ["smtp_password", "databento_api_key"]) {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  const configure = (present: readonly string[]) => writeFileSync(file("mxm-secrets.yaml"), configuration(present));
  configure(names);
  return { ...project, file, configure };
}

const program = `
import { getSecret } from "mxm-secrets";
import type { RuntimeIdentity, SecretsApi } from "mxm-secrets";
declare const api: SecretsApi;
declare const identity: RuntimeIdentity;
export const good = [
  api.getSecret({ secretName: "databento_api_key", identity }),
  api.openSecrets([{ secretName: "DATABENTO_API_KEY", identity }]),
  getSecret("prod/smtp-password"),
  getSecret("smtp_password"),
];
export const wrong = [
  api.getSecret({ secretName: "databento_api_kye", identity }), // wrong
  api.getSecrets([{ secretName: "Databento_api_key", identity }]), // wrong
  api.openSecret({ secretName: "no_such_key", identity }), // wrong
  api.setSecret({ secretName: "databento_api_kye", identity, value: "" }), // wrong
  api.removeSecret({ secretName: "databento_api_kye", identity }), // wrong
  api.requireAllowed({ secretName: "databento_api_kye", identity, action: "read" }), // wrong
  api.explain({ secretName: "databento_api_kye", identity }), // wrong
  getSecret("databento_api_kye"), // wrong
];
`;

/** A project that has the program, and these declarations. */
function makeConsumer(text: string, declarations: string): string {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const consumer = mkdtempSync(join(cache, "types-"));
  onTestFinished(() => rmSync(consumer, { recursive: true, force: true }));
  writeFileSync(join(consumer, "package.json"), '{ "type": "module" }');
  writeFileSync(join(consumer, "program.ts"), text);
  writeFileSync(join(consumer, "mxm-secrets-names.d.ts"), declarations);
  const options = { extends: join(root, "tsconfig.json"), include: ["*.ts"], compilerOptions: {} };
  writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(options));
  return consumer;
}

/** The lines of the program that do not compile with these declarations. */
function faultyLines(declarations: string): { readonly lines: readonly number[]; readonly printed: string } {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const cwd = makeConsumer(program, declarations);
  const { stdout } = spawnSync(process.execPath, [compiler, "--pretty", "false"], { cwd, encoding: "utf8" });
  const lines = [...stdout.matchAll(/^program\.ts\((\d+),/gm)].map(([, line]) => Number(line));
  return { lines, printed: stdout };
}

test(
  "with the declarations a wrong name does not compile, on its own line, and right ones do",
  { timeout },
  async () => {
    const { run, file } = await useTypes();
    expect(await run(["types"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
    const wrong = program.split("\n").flatMap((line, index) => (line.endsWith("// wrong") ? [index + 1] : []));
    const { lines, printed } = faultyLines(readFileSync(file("mxm-secrets-names.d.ts"), "utf8"));
    expect(lines).toEqual(wrong);
    expect(printed).toContain("Did you mean '\"databento_api_key\"'?");
  },
);

test(
  "an editor offers the names, in both spellings, where a request or the short form takes one",
  { timeout },
  async () => {
    const { run } = await useTypes();
    const unfinished = program.replaceAll(/"databento_api_key"|"databento_api_kye"/g, '""');
    const { offeredBehind } = await openInEditor(
      makeConsumer(unfinished, (await run(["types", "-o", "-"])).stdout),
      "program.ts",
    );
    const names = ["DATABENTO_API_KEY", "SMTP_PASSWORD", "databento_api_key", "smtp_password"];
    expect(await offeredBehind('getSecret({ secretName: "')).toEqual(names);
    expect(await offeredBehind('  getSecret("')).toEqual(names);
  },
);

test("with no name declared every text is a name", { timeout }, async () => {
  const { run } = await useTypes([]);
  expect(faultyLines((await run(["types", "-o", "-"])).stdout)).toEqual({ lines: [], printed: "" });
});

test("the file is readable by all, holds descriptions, and is the same however often it is written", async () => {
  const { run, file } = await useTypes();
  await run(["types"]);
  const first = readFileSync(file("mxm-secrets-names.d.ts"), "utf8");
  expect(first).toContain("/** The smtp_password of the vendor */\n    smtp_password: string;");
  expect(first.indexOf("databento_api_key")).toBeLessThan(first.indexOf("smtp_password"));
  expect(statSync(file("mxm-secrets-names.d.ts")).mode & 0o777).toBe(0o644);
  const again = await run(["types", "--json"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, names: ["databento_api_key", "smtp_password"] });
  expect((await run(["types", "-o", "-"])).stdout).toBe(first);
});

test("--check ends with 7 for a file that is not there, stale or edited, and writes nothing", { timeout }, async () => {
  const { run, file, configure } = await useTypes();
  const check = async () => run(["types", "--check"]);
  expect(await check()).toMatchObject({ status: 7, stdout: expect.stringContaining("it is not there") });
  await run(["types"]);
  expect(await check()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  configure(["smtp_password", "new_key"]);
  const stale = await check();
  expect(stale).toMatchObject({ status: 7, stdout: expect.stringContaining("it does not declare new_key") });
  expect(stale.stdout).toContain("it declares databento_api_key, which the configuration does not have");
  expect(JSON.parse((await run(["types", "--check", "--json"])).stdout)).toMatchObject({
    ok: false,
    missing: ["new_key"],
    surplus: ["databento_api_key"],
  });
  appendFileSync(file("mxm-secrets-names.d.ts"), "// mine\n");
  const edited = readFileSync(file("mxm-secrets-names.d.ts"), "utf8");
  expect(await check()).toMatchObject({ status: 7, stdout: expect.stringContaining("changed by hand") });
  expect(readFileSync(file("mxm-secrets-names.d.ts"), "utf8")).toBe(edited);
});

test("somebody's own file stays without --force, and nothing is written through a link", { timeout }, async () => {
  const { run, file, root: outside } = await useTypes();
  writeFileSync(file("own.d.ts"), "export type Mine = string;\n");
  expect(await run(["types", "-o", "own.d.ts"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("was not written by this command"),
  });
  expect(readFileSync(file("own.d.ts"), "utf8")).toBe("export type Mine = string;\n");
  expect(await run(["types", "-o", "own.d.ts", "--force"])).toMatchObject({ status: 0 });
  expect(await run(["types", "-o", "own.d.ts", "--check"])).toMatchObject({ status: 0 });
  writeFileSync(join(outside, "elsewhere"), "as it was\n");
  symlinkSync(join(outside, "elsewhere"), file("link.d.ts"));
  expect(await run(["types", "-o", "link.d.ts", "--force"])).toMatchObject({ status: 2 });
  expect(readFileSync(join(outside, "elsewhere"), "utf8")).toBe("as it was\n");
});
