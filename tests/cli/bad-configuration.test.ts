import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;
const [escape, bell, override] = ["\u001b", "\u0007", "\u202e"];
// oxlint-disable-next-line no-control-regex
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const head = `version: 1
stores: { local: { backend: sealed, path: secrets.enc } }
policies: { default: { allowed_principals: [developer], actions: [read, write] } }
identity: { role: developer, environment: dev }
`;
const ref = "first_key: { store: local, policy: default }";
const bomb = ["a: &a0 [x, x, x, x, x, x, x, x, x]"]
  .concat(
    Array.from({ length: 9 }, (_, n) => `b${n}: &a${n + 1} [${Array.from({ length: 9 }, () => `*a${n}`).join(", ")}]`),
  )
  .join("\n");

/** What is wrong with a configuration, and the first line that is said about it. */
const faults: readonly (readonly [string, string, RegExp])[] = [
  [
    "a duplicate key",
    `${head}refs:\n  ${ref}\n  ${ref}\n`,
    /^mxm-secrets: c\.yaml:7: refs\.first_key: the key `first_key` is here twice$/,
  ],
  [
    "a merge key",
    `${head}refs: { <<: { ${ref} } }\n`,
    /^mxm-secrets: c\.yaml:5: refs\["<<"\]: merge keys are not supported/,
  ],
  [
    "an alias bomb",
    `${head}${bomb}\n`,
    /^mxm-secrets: c\.yaml:\d+: .*expected aliases that stand for at most 10000 values/,
  ],
  [
    "an alias of itself",
    `${head}refs: &r { a: *r }\n`,
    /^mxm-secrets: c\.yaml:5: refs\.a: expected no alias inside what it stands for$/,
  ],
  ["a wrong type", `${head}refs: [first_key]\n`, /^mxm-secrets: c\.yaml:5: refs: expected a /],
  [
    "a misspelt key",
    `${head}refs: { first_key: { store: local, polcy: default } }\n`,
    /polcy: unknown key `polcy`; did you mean `policy`\?$/,
  ],
  [
    "a misspelt store",
    `${head}refs: { first_key: { store: lokal, policy: default } }\n`,
    /unknown store `lokal`; did you mean `local`\?$/,
  ],
  [
    "a path that leaves",
    `${head}refs: { first_key: { store: local, policy: default, path: ../x } }\n`,
    /path: .*`\.\.` segment$/,
  ],
  [
    "a name that is none",
    `${head}refs: { "\\e[31mred": { store: local, policy: default } }\n`,
    /^mxm-secrets: c\.yaml:5: refs\["\\\\?u001b\[31mred"\]/,
  ],
  [
    "an escape sequence in a value",
    `${head}refs: { first_key: { store: "\\e]0;x\\a", policy: default } }\n`,
    /refs\.first_key\.store: expected lower-case letters/,
  ],
  ["no YAML", `${head}refs: { ${escape}[31m\n`, /^mxm-secrets: c\.yaml:\d+: not valid YAML/],
  ["two documents", `${head}---\n${head}`, /expected one document/],
  [
    "another version",
    head.replace("version: 1", "version: 2"),
    /^mxm-secrets: c\.yaml:1: version: expected version 1$/,
  ],
  [
    "an unset variable",
    `${head}refs: { first_key: { store: local, policy: default, path: "\${NO_SUCH}" } }\n`,
    /NO_SUCH/,
  ],
  ["no text", "\u0000\u0001", /^mxm-secrets: c\.yaml:1: /],
  ["nothing", "", /^mxm-secrets: c\.yaml:1: /],
];

test("a faulty configuration is refused with its line, every fault on a line of its own", { timeout }, async () => {
  const { run, directory } = await useProject();
  const file = join(directory, "c.yaml");
  for (const [fault, text, said] of faults) {
    writeFileSync(file, text);
    const { status, stdout, stderr } = await run(["list", "--config", "c.yaml"]);
    expect({ fault, status, stdout }).toEqual({ fault, status: 2, stdout: "" });
    expect(stderr.split("\n")).toContainEqual(expect.stringMatching(said));
    expect(stderr).not.toMatch(obeyed);
    for (const line of stderr.trimEnd().split("\n")) expect(line).toMatch(/^(mxm-secrets: | {2})\S/);
  }
  writeFileSync(file, `${head}refs: { a: { store: x, policy: y }, b: 3 }\nrefz: {}\n`);
  const { stderr } = await run(["list", "--config", "c.yaml", "--json"]);
  const { error } = JSON.parse(stderr) as { error: { problems: { path: string[]; line: number }[] } };
  expect(error.problems.map(({ path, line }) => `${path.join(".")}:${line}`).toSorted()).toEqual([
    "refs.a.policy:5",
    "refs.a.store:5",
    "refs.b:5",
    "refz:6",
  ]);
  writeFileSync(file, `${head}refs: {}\n`);
  expect(await run(["list", "--config", "c.yaml"])).toMatchObject({ status: 0 });
  chmodSync(file, 0o666);
  const open = await run(["list", "--config", "c.yaml"]);
  expect({ status: open.status, said: open.stderr.includes("everybody can write") }).toEqual({ status: 2, said: true });
});

test("nothing printed for a person makes a terminal do anything", { timeout }, async () => {
  const { run, machine } = await useProject();
  const { directory, run: runThere } = machine(`odd${escape}[31m${override}dir`);
  await runThere(["init"]);
  await runThere(["set", "first_key", "--stdin"], { input: "x" });
  appendFileSync(join(directory, "secrets"), `${escape}[2J\nNAME=${escape}]0;t${bell}\n`);
  mkdirSync(join(directory, "mxm-secrets.local.yaml"));
  const reason = `--reason=${escape}[31m${override}why${bell}`;
  const role = `--role=intern${override}`;
  const outputs = [
    await runThere(["get", "first_key", reason, role]),
    await runThere(["list"]),
    await runThere(["diff", `${escape}[31m`]),
    await runThere(["frob\u009bnicate"]),
    await run(["list", `--config=${directory}/mxm-secrets.yaml`]),
  ];
  const { shell } = machine(`odd${escape}[31m${override}dir`);
  outputs.push(await shell("rmdir mxm-secrets.local.yaml; mxm-secrets check; mxm-secrets get first_key >&2"));
  outputs.push(
    await runThere(["get", "first_key", reason, "--verbose"]),
    await runThere(["explain", "first_key", role]),
  );
  outputs.push(
    await runThere(["audit", "tail"]),
    await runThere(["keys", "list"]),
    await runThere(["trust", "--list"]),
  );
  outputs.push(await shell("chmod 644 .key; mxm-secrets get first_key"));
  for (const { stdout, stderr } of outputs) {
    expect(stdout).not.toMatch(obeyed);
    expect(stderr).not.toMatch(obeyed);
  }
});
