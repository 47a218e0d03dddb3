import { expect, test } from "vitest";
import { SecretsApi } from "../../src/index.js";
import { isSecretsError } from "../../src/errors.js";
import { useProject } from "../support/project.js";
import type { CommandEnd } from "../support/project.js";

const timeout = 60_000;

const badNames = [
  "../outside",
  "a/b",
  "a b",
  "two\nlines",
  "\u001b[31mred",
  "\u001b]0;title\u0007",
  "a".repeat(10_000),
  "schlüssel",
  "ключ",
  "a\u202egnirts",
  "",
  ".",
  "-",
  "9lives",
  "Mixed_Case",
  "__proto__",
  "constructor!",
];

/** One line of message, a line of hint at most, nothing a terminal would obey, no endless repetition of the input. */
function expectTidy({ stderr }: CommandEnd, argv: readonly string[]) {
  const lines = stderr.split("\n");
  expect({ argv, count: lines.length <= 3, end: lines.at(-1), start: /^mxm-secrets: \S/.test(stderr) }).toEqual({
    argv,
    count: true,
    end: "",
    start: true,
  });
  // oxlint-disable-next-line no-control-regex
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  expect(stderr.length).toBeLessThan(500);
}

test("a name that is none is refused in one tidy line by every command", { timeout }, async () => {
  const { run } = await useProject();
  await run(["init"]);
  const calls = badNames.map((name) => ["get", "--", name]);
  for (const [index, name] of badNames.entries()) {
    const each = [
      ["set", "--stdin", "--", name],
      ["rm", "--yes", "--", name],
      ["explain", "--", name],
      ["run", `--only=${name}`, "--", "true"],
      ["audit", "query", `--name=${name}`],
    ];
    calls.push(each[index % each.length] ?? []);
  }
  for (const argv of [["mv", "x", "a\nb"], ["edit", "a\u001b[0m"], ["g\u001b[0m"], ["get", "--x\u001b[0m"]])
    calls.push(argv);
  const ends = await inPairs(calls, (argv) => run(argv, { input: "value" }));
  for (const [index, argv] of calls.entries()) {
    const end = ends[index];
    if (end === undefined) throw new Error("no end");
    expect({ argv, status: end.status, stdout: end.stdout }).toEqual({ argv, status: 2, stdout: "" });
    expectTidy(end, argv);
  }
  const { stderr } = await run(["get", "a\u001b[0m", "--json"]);
  expect(JSON.parse(stderr)).toHaveProperty("error.code", "invalid_input");
  expect((await run(["list"])).stdout).toBe("");
});

test("names a shell or JavaScript knows are names like others", { timeout }, async () => {
  const { run } = await useProject();
  await run(["init"]);
  for (const name of ["constructor", "tostring", "x", `a${"b".repeat(127)}`]) {
    expect(await run(["set", name, "--stdin"], { input: name })).toMatchObject({ status: 0, stderr: "" });
    expect((await run(["get", name.toUpperCase()])).stdout).toBe(`${name}\n`);
  }
  expect((await run(["get", "hasownproperty"])).status).toBe(2);
});

test("the library refuses the same names, and those no argument can hold", async () => {
  const api = SecretsApi.fromConfigData({
    stores: { local: { backend: "memory" } },
    refs: { known: { store: "local", path: "known", policy: "open" } },
    policies: { open: { allowed_principals: ["developer"] } },
  });
  const identity = { role: "developer", environment: "dev", machine: "here" };
  for (const secretName of [...badNames, "nul\0inside", "known\0", "\ud800"]) {
    const thrown = await api.getSecret({ secretName, identity }).catch((error: unknown) => error);
    const code = isSecretsError(thrown) ? thrown.code : undefined;
    expect({ secretName, code }).toEqual({ secretName, code: "invalid_input" });
    // oxlint-disable-next-line no-control-regex
    expect(String(thrown)).not.toMatch(/[\u0000-\u001f]/);
  }
});

/** Two at a time: one for each core of a small machine. */
async function inPairs<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return results;
}
