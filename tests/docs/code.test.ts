import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const cache = join(root, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
const scratch = mkdtempSync(join(cache, "docs-code-"));

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What the blocks take for given; a block that declares one of these names itself has its own. */
const prelude = `
  declare const data: unknown;
  declare const identity: import("mxm-secrets").RuntimeIdentity;
  declare const api: import("mxm-secrets").SecretsApi;
`;

/** The `ts` blocks of a page, each below as many empty lines as stand above it there. */
function codeBlocks(page: string, text: string): readonly { readonly page: string; readonly code: string }[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ 1: block = "", index }) => ({
    page,
    code: "\n".repeat(text.slice(0, index).split("\n").length) + block,
  }));
}

/** Type-checks every block as a module of its own, in one run. @returns `page:line: fault` */
function faultsOf(blocks: ReturnType<typeof codeBlocks>): readonly string[] {
  for (const [index, { code }] of blocks.entries()) writeFileSync(join(scratch, `${index}.mts`), code);
  writeFileSync(join(scratch, "prelude.d.ts"), prelude);
  const configuration = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { moduleDetection: "force", noUnusedLocals: false },
    files: ["prelude.d.ts", ...blocks.map((_, index) => `${index}.mts`)],
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(configuration));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, "--pretty", "false"], {
    cwd: scratch,
    encoding: "utf8",
  });
  if (status === 0) return [];
  return `${stdout}${stderr}`
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^(\d+)\.mts\((\d+),\d+\)/, (_, index, at) => `${blocks[Number(index)]?.page}:${at}`));
}

const pages = [
  "README.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`),
];

const faulty = codeBlocks(
  "a page of the test",
  "# Page\n\n```ts\nconst { ok } = await api.check();\nawait api.getSecrte({ identity });\n```\n",
);
const blocks = pages
  .filter((page) => page.endsWith(".md"))
  .flatMap((page) => codeBlocks(page, readFileSync(join(root, page), "utf8")));
let faults: readonly string[] = [];

beforeAll(() => {
  faults = faultsOf([...blocks, ...faulty]);
}, 60_000);

test("every block of code in the pages type-checks against the library", () => {
  expect(blocks.map(({ page }) => page)).toEqual(expect.arrayContaining(["README.md", "docs/library.md"]));
  expect(faults.filter((fault) => !fault.startsWith("a page of the test:"))).toEqual([]);
});

test("a block with a fault is named by its page and line", () => {
  expect(faults).toContainEqual(expect.stringMatching(/^a page of the test:5: error TS\d+: .*getSecrte/));
});
