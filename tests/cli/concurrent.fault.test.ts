import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 300_000;
const usual = new Set([
  ".gitattributes",
  ".gitignore",
  ".key",
  "audit.jsonl",
  "mxm-secrets.yaml",
  "secrets",
  "secrets.enc",
]);

/** What there is besides the files of a project and what a killed writer may leave: a copy it was not done with. */
function leftIn(directory: string): string {
  const isLeftover = (name: string) => /^(mxm-secrets\.yaml|secrets\.enc|secrets)\.[0-9a-f]+\.tmp$/.test(name);
  return readdirSync(directory)
    .filter((name) => !usual.has(name) && !isLeftover(name))
    .join();
}

test("20 commands that set different names at once lose nothing", { timeout }, async () => {
  const { run, directory } = await useProject();
  await run(["init"]);
  const names = Array.from({ length: 20 }, (_, index) => `key_${String(index).padStart(2, "0")}`);
  const ends = await Promise.all(names.map((name) => run(["set", name, "--stdin"], { input: `value of ${name}` })));
  for (const end of ends) expect(end).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect((await run(["list"])).stdout).toBe(names.map((name) => `${name}\n`).join(""));
  for (const name of names) expect((await run(["get", name])).stdout).toBe(`value of ${name}\n`);
  expect(await run(["check"])).toMatchObject({ status: 0 });
  expect((await run(["audit", "verify"])).stdout).toBe("ok: 80 records, 40 decisions, 0 denied\n");
  expect(readdirSync(directory).filter((name) => /lock|tmp/.test(name))).toEqual([]);
});

test("20 commands that set and remove the same name at once leave it whole or gone", { timeout }, async () => {
  const { run } = await useProject();
  await run(["init"]);
  const ends = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 3 === 2
        ? run(["rm", "same_key", "--yes"])
        : run(["set", "same_key", "--stdin"], { input: `value ${index}` }),
    ),
  );
  for (const { status } of ends) expect([0, 1, 2]).toContain(status);
  const { status, stdout } = await run(["get", "same_key"]);
  expect(status === 0 ? /^value \d+\n$/.test(stdout) : [1, 2].includes(status)).toBe(true);
  expect((await run(["audit", "verify"])).status).toBe(0);
  expect(await run(["set", "same_key", "--stdin"], { input: "at last" })).toMatchObject({ status: 0 });
  expect((await run(["get", "same_key"])).stdout).toBe("at last\n");
});

test(
  "a set that is killed at any moment leaves a project that works, and no acknowledged value is lost",
  { timeout },
  async () => {
    const { run, start, directory } = await useProject();
    await run(["init"]);
    await run(["set", "kept", "--stdin"], { input: "kept" });
    let acknowledged = 0;
    for (let round = 0; round < 60; round++) {
      const child = start(["set", `key_${round}`, "--stdin"], ["pipe", "pipe", "pipe"]);
      const killing = setTimeout(() => child.kill("SIGKILL"), 30 + ((round * 37) % 140));
      const { status } = await endOf(child, `value ${round}`);
      clearTimeout(killing);
      const after = await run(["get", `key_${round}`]);
      const isWhole = after.status === 0 && after.stdout === `value ${round}\n`;
      if (status === 0) acknowledged++;
      const isSound = isWhole || (status !== 0 && [1, 2].includes(after.status));
      expect({ round, isSound, stderr: after.stderr }).toMatchObject({ isSound: true });
    }
    expect(acknowledged).toBeGreaterThan(0);
    expect((await run(["get", "kept"])).stdout).toBe("kept\n");
    expect((await run(["audit", "verify"])).status).toBe(0);
    expect(await run(["set", "last", "--stdin"], { input: "last" })).toMatchObject({ status: 0 });
    expect(acknowledged).toBeLessThan(60);
    expect(leftIn(directory)).toBe("");
  },
);

test(
  "a mv that is killed at any moment leaves the value under one name or the other, and can be finished",
  { timeout },
  async () => {
    const { run, start, directory } = await useProject();
    await run(["init"]);
    let [from, to] = ["one_name", "other_name"];
    await run(["set", from, "--stdin"], { input: "kept" });
    for (let round = 0; round < 40; round++) {
      const child = start(["mv", from, to], ["pipe", "pipe", "pipe"]);
      const killing = setTimeout(() => child.kill("SIGKILL"), 40 + ((round * 37) % 120));
      const { status } = await endOf(child);
      clearTimeout(killing);
      const [old, moved] = [await run(["get", from]), await run(["get", to])];
      const found = [old, moved].filter(({ stdout }) => stdout === "kept\n").length;
      expect({ round, status, found, old: old.stderr, moved: moved.stderr }).toMatchObject({ found: 1 });
      const finished = moved.status === 0 ? moved : await run(["mv", from, to]);
      expect(finished).toMatchObject({ status: 0, stderr: "" });
      [from, to] = [to, from];
    }
    expect(await run(["check"])).toMatchObject({ status: 0 });
    expect(leftIn(directory)).toBe("");
  },
);
