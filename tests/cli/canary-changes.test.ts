import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useCanary } from "../support/canary-project.js";
import { makeCanary } from "../support/canary.js";

const timeout = 60_000;

test("what changes a store says no value when asked to say everything", { timeout }, async () => {
  const { run, canary, quiet, machine, root, file } = await useCanary();
  const other = makeCanary();
  const loudly = async (argv: readonly string[], input?: string) => {
    const end = await run([...argv, "--json", "--verbose"], { input });
    expect({ argv, found: [...other.formsIn(end.stdout), ...other.formsIn(end.stderr)] }).toEqual({ argv, found: [] });
    return quiet(end, argv.join(" "));
  };
  const keep = (name: string) => copyFileSync(file("secrets.enc"), file(name));
  expect(await loudly(["set", "second_key", "--stdin"], other.value)).toBe(0);
  const stranger = machine("stranger");
  copyFileSync(file("mxm-secrets.yaml"), join(stranger.directory, "mxm-secrets.yaml"));
  const { stdout } = await stranger.run(["keys", "init"]);
  const recipient = /^recipient +(age1\S+)$/m.exec(stdout)?.[1] ?? "";
  expect(await loudly(["keys", "add", "stranger", recipient, "--principals", "developer"])).toBe(0);
  keep("base");
  expect(await loudly(["set", "first_key", "--stdin"], other.value)).toBe(0);
  keep("ours");
  for (const [name, theirs] of [
    ["second_key", "theirs"],
    ["first_key", "against"],
  ] as const) {
    copyFileSync(file("base"), file("secrets.enc"));
    expect(await loudly(["trust", "--store", "local", "--yes"])).toBe(0);
    expect(await loudly(["set", name, "--stdin"], canary.value)).toBe(0);
    keep(theirs);
  }
  expect(await loudly(["merge", "base", "ours", "against"])).toBe(2);
  expect(await loudly(["merge", "base", "ours", "theirs"])).toBe(0);
  expect(await loudly(["keys", "rm", "stranger", "--yes"])).toBe(0);
  expect(await loudly(["mv", "first_key", "third_key"])).toBe(0);
  expect(await loudly(["rm", "third_key", "--yes"])).toBe(0);
  expect(await loudly(["rm", "second_key", "--keep-ref", "--yes"])).toBe(0);
  expect([...canary.filesWith(root), ...other.filesWith(root)]).toEqual([]);
});

test("an internal fault that holds the value is told without its text", { timeout }, async () => {
  const { run, canary, quiet, file } = await useCanary();
  const preload = `
    const fail = (held) => {
      if (!held.includes("canary-")) return;
      throw new TypeError("cannot use " + held + "\\n    at " + held, { cause: new Error(held) });
    };
    const { concat } = Buffer;
    Buffer.concat = (...words) => (fail(concat(...words).toString()), concat(...words));
    const { stringify } = JSON;
    JSON.stringify = (...words) => (fail(String(stringify(...words))), stringify(...words));
    const programs = require("node:child_process");
    const { spawn } = programs;
    programs.spawn = (...words) => (fail(stringify(words)), spawn(...words));
  `;
  writeFileSync(file("fault.cjs"), preload);
  const env = { NODE_OPTIONS: `--require=${file("fault.cjs")}` };
  const commands = [
    ["get", "first_key"],
    ["get", "first_key", "--json", "--verbose"],
    ["set", "first_key", "--stdin", "--verbose"],
    ["run", "--only", "first_key", "--verbose", "--", "true"],
  ];
  for (const argv of commands) {
    const end = await run(argv, { env, input: canary.value });
    expect({ argv, end }).toMatchObject({ argv, end: { stdout: "", status: 70 } });
    expect(end.stderr).toMatch(/internal error \(TypeError\)/);
    expect(quiet(end, argv.join(" "))).toBe(70);
  }
});

test("a fault outside of every call of ours is told without its text, too", { timeout }, async () => {
  const { run, canary, quiet, file } = await useCanary();
  writeFileSync(
    file("late.cjs"),
    `setTimeout(() => { throw new RangeError(${JSON.stringify(canary.value)}); }, 1500);`,
  );
  const env = { NODE_OPTIONS: `--require=${file("late.cjs")}` };
  const end = await run(["run", "--only", "first_key", "--", "sleep", "4"], { env });
  expect(end.stderr).toMatch(/internal error \(RangeError\)/);
  expect(quiet(end, "run with a late fault")).toBe(70);
});
