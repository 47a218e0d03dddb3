import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";
import type { Project } from "../support/project.js";

const timeout = 300_000;
const values = { first_key: "the first value", second_key: 'ü"\\\nlines\n' };

/** Ends the process before its N-th rename: between any two of them nothing else replaces a file. */
const killer = `const fs = require("node:fs");
const rename = fs.renameSync;
let left = Number(process.env.KILL_BEFORE_RENAME);
fs.renameSync = (...given) => (--left === 0 ? process.kill(process.pid, "SIGKILL") : rename(...given));
`;

/** Names of files that stay, and that `git add -A` would not take in. */
const ignored = /^\.key(?!.*\.tmp$)|\.lock$|^audit\.jsonl/;
const committed = [".gitattributes", ".gitignore", "mxm-secrets.yaml", "secrets", "secrets.enc"];

/** A project whose store holds the values, in the older format. */
async function useOlder(): Promise<Project> {
  const project = await useProject();
  const made = project.machine("made");
  await made.run(["init"]);
  for (const [name, input] of Object.entries(values)) await made.run(["set", name, "--stdin"], { input });
  expect(await made.run(["migrate", "--to", "fernet", "--yes"])).toMatchObject({ status: 0 });
  for (const name of [...committed, ".key"]) copyFileSync(join(made.directory, name), join(project.directory, name));
  await requireSound(project, "at the beginning");
  return project;
}

/** Every value is there, and what lies about is nobody else's to read. */
async function requireSound(project: Project, when: string): Promise<void> {
  const script = 'printf %s "$FIRST_KEY"; printf %s "$SECOND_KEY"';
  const { stdout, stderr } = await project.run(["run", "--all", "--no-masking", "--", "sh", "-c", script]);
  expect({ when, stdout, stderr }).toEqual({ when, stdout: Object.values(values).join(""), stderr: "" });
  const keys = readdirSync(project.directory).filter((name) => name.startsWith(".key") && !/\.lock/.test(name));
  for (const name of keys) {
    const status = statSync(join(project.directory, name));
    expect({ when, name, mode: (status.mode & 0o777).toString(8) }).toEqual({ when, name, mode: "600" });
  }
}

function places({ directory, state }: Project): readonly (readonly [string, string])[] {
  return [
    ["directory", directory],
    ["state", state],
  ];
}

function copyAll(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

const steps: readonly (readonly [string, readonly string[]])[] = [
  ["migrate", ["migrate"]],
  ["rotate-key of a sealed store", ["rotate-key"]],
  ["migrate back", ["migrate", "--to", "fernet", "--yes"]],
  ["rotate-key of an older store", ["rotate-key"]],
];

test("killed before any of its renames, a change of key or format can be finished", { timeout }, async () => {
  const project = await useOlder();
  const preload = join(project.root, "kill.cjs");
  writeFileSync(preload, killer);
  let kills = 0;
  for (const [what, argv] of steps) {
    const kept = join(project.root, "kept");
    rmSync(kept, { recursive: true, force: true });
    for (const [name, place] of places(project)) copyAll(place, join(kept, name));
    let rename = 1;
    const attempt = async () =>
      project.run(argv, { env: { NODE_OPTIONS: `--require ${preload}`, KILL_BEFORE_RENAME: String(rename) } });
    for (let end = await attempt(); end.status !== 0; end = await attempt()) {
      const when = `${what}, rename ${rename++}`;
      expect({ when, status: end.status }).toEqual({ when, status: 137 });
      await requireSound(project, `${when}, killed`);
      expect(await project.run(argv)).toMatchObject({ status: 0 });
      await requireSound(project, `${when}, finished`);
      expect(readFileSync(join(project.directory, ".key"), "utf8")).not.toContain("takes the place");
      expect(readdirSync(project.directory).filter((name) => !ignored.test(name))).toEqual(committed);
      for (const [name, place] of places(project)) copyAll(join(kept, name), place);
    }
    await requireSound(project, `${what}, not killed`);
    kills += rename - 1;
  }
  expect(kills).toBeGreaterThan(25);
});

test("killed at any time, and run again, every change of key or format loses nothing", { timeout }, async () => {
  const project = await useOlder();
  for (let round = 0; round < 24; round++) {
    const [what, argv] = steps[round % steps.length] ?? ["", []];
    const child = project.start(argv, ["pipe", "pipe", "pipe"]);
    const killing = setTimeout(() => child.kill("SIGKILL"), 40 + ((round * 37) % 170));
    await endOf(child);
    clearTimeout(killing);
    await requireSound(project, `${what}, round ${round}`);
    expect(await project.run(argv)).toMatchObject({ status: 0 });
    await requireSound(project, `${what} finished, round ${round}`);
  }
  expect(await project.run(["audit", "verify"])).toMatchObject({ status: 0 });
});
