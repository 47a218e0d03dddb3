import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Machine } from "../support/project.js";
import { endOf, useProject } from "../support/project.js";

const timeout = 300_000;
const rounds = 20;

/** Starts a command and kills it after a time that differs from round to round. @returns its exit code */
async function killed({ start }: Machine, argv: readonly string[], round: number): Promise<number> {
  const child = start(argv, ["pipe", "pipe", "pipe"]);
  const killing = setTimeout(() => child.kill("SIGKILL"), 40 + ((round * 37) % 200));
  const { status } = await endOf(child);
  clearTimeout(killing);
  return status;
}

test(
  "an export that is killed at any moment leaves the old file or the new one, and nothing that others can read",
  { timeout },
  async () => {
    const project = await useProject();
    const { run, directory } = project;
    await run(["init"]);
    const file = join(directory, "app.env");
    const expected = [undefined, "x", "y"].map((letter) =>
      letter === undefined ? "" : `KEY='${letter.repeat(500_000)}'\n`,
    );
    writeFileSync(file, "");
    let ended = 0;
    for (let round = 0; round < rounds; round++) {
      const letter = round % 2 === 0 ? "x" : "y";
      await run(["set", "key", "--stdin"], { input: letter.repeat(500_000) });
      const status = await killed(project, ["export", "--format", "dotenv", "--all", "-o", "app.env"], round);
      if (status === 0) ended++;
      expect({ round, isWhole: expected.includes(readFileSync(file, "utf8")) }).toEqual({ round, isWhole: true });
      const others = readdirSync(directory).filter((name) => name.startsWith("app.env"));
      const modes = others.map((name) => statSync(join(directory, name)).mode & 0o777);
      expect(modes.filter((mode, index) => mode !== 0o600 && others[index] !== "app.env")).toEqual([]);
    }
    expect(ended).toBeGreaterThan(0);
    expect(ended).toBeLessThan(rounds);
  },
);

test("an import that is killed at any moment loses nothing and is finished by another", { timeout }, async () => {
  const project = await useProject();
  const { run, directory } = project;
  await run(["init"]);
  await run(["set", "kept", "--stdin"], { input: "kept" });
  const names = (round: number) => Array.from({ length: 5 }, (_, index) => `key_${round}_${index}`);
  let ended = 0;
  for (let round = 0; round < rounds; round++) {
    const text = names(round).map((name) => `${name}=value of ${name}\n`);
    const source = join(directory, "source.env");
    writeFileSync(source, text.join(""), { mode: 0o600 });
    const status = await killed(project, ["import", "source.env"], round);
    if (status === 0) ended++;
    expect(readFileSync(source, "utf8")).toBe(text.join(""));
    const again = await run(["import", "source.env", "--delete-source"]);
    expect({ round, again }).toMatchObject({ round, again: { status: 0 } });
  }
  const { stdout } = await run(["export", "--format", "json", "--all"]);
  const all = Array.from({ length: rounds }, (_, round) => names(round)).flat();
  expect(JSON.parse(stdout)).toEqual({
    KEPT: "kept",
    ...Object.fromEntries(all.map((name) => [name.toUpperCase(), `value of ${name}`])),
  });
  expect((await run(["audit", "verify"])).status).toBe(0);
  expect(await run(["check"])).toMatchObject({ status: 0 });
  expect(ended).toBeLessThan(rounds);
});
