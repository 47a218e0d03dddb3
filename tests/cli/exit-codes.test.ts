import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../src/errors.js";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

const page = readFileSync(resolve(import.meta.dirname, "../../docs/exit-codes.md"), "utf8");

/** The rows of the page's table: what stands in the first column, and the codes of errors in the third. */
const rows = [...page.matchAll(/^\| ([\d, +N]+) \|[^|]*\|([^|]*)\|/gm)].map(([, exits = "", codes = ""]) => ({
  exits: exits.split(", "),
  codes: [...codes.matchAll(/`([a-z_]+)`(?! returns)/g)].map(([, code = ""]) => code),
}));

async function useStores() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  await project.run(["set", "absent_key", "--stdin"], { input: "one" });
  await project.run(["rm", "absent_key", "--keep-ref", "--yes"]);
  const stores =
    "  sky: { backend: env }\\n  red: { backend: gopass }\\nrefs:\\n  sky_key: { store: sky, path: sky_key, policy: default }\\n  red_key: { store: red, path: red_key, policy: default }";
  // Without gopass on it.
  const bare = 'node=$(dirname "$(command -v node)"); ln -s "$node/node" ../bin/node';
  await project.shell(`sed -i 's/^refs:$/${stores}/' mxm-secrets.yaml; ${bare}`);
  return { ...project, bin: join(project.root, "bin") };
}

/** One way at least to each exit code of the table, with the code of the error, and nothing left as it was not. */
const ways: readonly (readonly [exit: string, code: string | undefined, script: string])[] = [
  ["0", undefined, "mxm-secrets get first_key"],
  ["1", "absent", "mxm-secrets get absent_key --json"],
  ["1", "absent", "mxm-secrets run --only absent_key --json -- true"],
  ["2", "configuration", "mxm-secrets get first_key --json --config missing.yaml"],
  ["2", "unknown_name", "mxm-secrets get no_such_key --json"],
  ["2", "invalid_input", "mxm-secrets get 'no name' --json"],
  ["2", "invalid_input", "mxm-secrets get first_key --json --no-such-option"],
  ["2", "unsupported", "printf x | mxm-secrets set sky_key --stdin --json"],
  ["3", "denied", "mxm-secrets get first_key --json --role intern"],
  ["4", "unavailable", "PATH=$BIN mxm-secrets get red_key --json"],
  ["5", "locked", "mv .key kept; mxm-secrets get first_key --json; ended=$?; mv kept .key; (exit $ended)"],
  [
    "6",
    "integrity",
    "cp secrets.enc kept; sed -i '/^secret /s/first/third/' secrets.enc; mxm-secrets get first_key --json; ended=$?; mv kept secrets.enc; (exit $ended)",
  ],
  ["7", undefined, "mxm-secrets check"],
  [
    "7",
    undefined,
    "cp audit.jsonl kept; sed -i 1d audit.jsonl; mxm-secrets audit verify; ended=$?; mv kept audit.jsonl; (exit $ended)",
  ],
  ["126", "unavailable", "mxm-secrets run --only first_key --json -- ./secrets"],
  ["127", "unavailable", "mxm-secrets run --only first_key --json -- ./no-such-program"],
  ["128+N", undefined, "mxm-secrets run --only first_key -- sh -c 'kill -USR1 $$'"],
];

test("every exit code of the page is what a command answers, with the error the page names", { timeout }, async () => {
  const { shell, bin } = await useStores();
  for (const [exit, code, script] of ways) {
    const { status, stderr } = await shell(script, { env: { BIN: bin } });
    const expected = exit === "128+N" ? 138 : Number(exit);
    expect({ script, status, stderr: status === expected ? "" : stderr }).toEqual({
      script,
      status: expected,
      stderr: "",
    });
    const said: unknown = code === undefined ? undefined : JSON.parse(stderr);
    expect({ script, said }).toMatchObject({
      script,
      said: code === undefined ? undefined : { error: { code, exitCode: expected } },
    });
    const documented = rows.find(({ exits }) => exits.includes(exit))?.codes;
    expect({ script, isOnPage: code === undefined || documented?.includes(code) }).toEqual({ script, isOnPage: true });
  }
});

test("the page has every code there is, and each has its way above", () => {
  // 70 is a fault of this program: there is no way to it that is not one.
  expect(rows.flatMap(({ exits }) => exits).filter((exit) => exit !== "70")).toEqual([
    ...new Set(ways.map(([exit]) => exit)),
  ]);
  for (const [code, { exitCode }] of Object.entries(errorCodes)) {
    expect({ code, documented: rows.find(({ codes }) => codes.includes(code))?.exits }).toEqual({
      code,
      documented: [String(exitCode)],
    });
  }
});

test("a default replaces absence only, and the program's own code comes through run", { timeout }, async () => {
  const { shell, bin } = await useStores();
  for (const [exit, , script] of ways) {
    if (!script.includes("get ") || exit === "0") continue;
    const { status, stdout } = await shell(script.replace(/ --json/, " --json --default fallback"), {
      env: { BIN: bin },
    });
    expect({ script, status, fell: stdout.includes("fallback") }).toEqual({
      script,
      status: exit === "1" ? 0 : Number(exit),
      fell: exit === "1",
    });
  }
  for (const code of [0, 1, 42, 255]) {
    expect((await shell(`mxm-secrets run --only first_key -- sh -c 'exit ${code}'`)).status).toBe(code);
  }
});

describe.skipIf(!mayRun)("on a terminal", () => {
  test("what was cancelled at a prompt is unavailable, and Ctrl-C is a signal", { timeout }, async () => {
    const project = await useStores();
    for (const [key, status] of [
      ["\x04", 4],
      ["\x03", 130],
    ] as const) {
      const terminal = openTerminal(project, "mxm-secrets set first_key --json");
      await terminal.see("value of first_key: ");
      terminal.type(key);
      const ended = await terminal.end();
      expect(ended.status).toBe(status);
      expect(ended.screen).toContain(`{"error":{"code":"cancelled","exitCode":${status},`);
    }
  });
});
