import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

const stores = `  old: { backend: dotenv, path: old.env }
  other: { backend: sealed, path: other.enc, key: other.key }
`;

/** A project with an env file as its store, and a sealed one to move to. */
async function useTwoStores() {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  writeFileSync(file("old.env"), "FIRST_KEY=one\nSECOND_KEY=two\n", { mode: 0o600 });
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
  const refs = `refs:
  # the first
  first_key: { store: old, policy: default, description: first } # one
  second_key: { store: old, policy: default }
  third_key: { store: old, policy: default }
`;
  writeFileSync(
    file("mxm-secrets.yaml"),
    text.replace(/^stores:\n/m, `stores:\n${stores}`).replace(/^refs:.*\n(?:[ #].*\n)*/m, refs),
  );
  return { ...project, file };
}

const move = ["import", "--from-store", "old", "--store", "local"];

test("values move to another store under their names, and the configuration follows", { timeout }, async () => {
  const { run, file } = await useTwoStores();
  const before = readFileSync(file("mxm-secrets.yaml"), "utf8");
  expect(await run([...move, "--dry-run"])).toMatchObject({
    status: 0,
    stderr:
      "mxm-secrets: third_key: has no value in `old` and stays there\n" +
      "mxm-secrets: from old to local: 2 new; nothing was written (--dry-run)\n",
  });
  expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toBe(before);
  expect(await run(move)).toMatchObject({ status: 0, stdout: "" });
  expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toBe(
    before
      .replace("{ store: old, policy: default, d", "{ store: local, policy: default, d")
      .replace("second_key: { store: old", "second_key: { store: local"),
  );
  writeFileSync(file("old.env"), "");
  expect((await run(["get", "first_key"])).stdout).toBe("one\n");
  expect((await run(["get", "second_key"])).stdout).toBe("two\n");
});

test("one that was stopped between the value and the configuration is finished", { timeout }, async () => {
  const { run, file } = await useTwoStores();
  const before = readFileSync(file("mxm-secrets.yaml"), "utf8");
  await run([...move, "--only", "first_key"]);
  writeFileSync(file("mxm-secrets.yaml"), before);
  const { status, stdout } = await run([...move, "--json"]);
  expect({ status, answer: JSON.parse(stdout) }).toEqual({
    status: 0,
    answer: {
      imported: [
        { name: "first_key", outcome: "unchanged" },
        { name: "second_key", outcome: "new" },
      ],
      deleted: false,
    },
  });
});

test("a value the other store has differently is kept, and its name stays where it was", { timeout }, async () => {
  const { run, file } = await useTwoStores();
  await run([...move, "--only", "first_key"]);
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
  writeFileSync(file("mxm-secrets.yaml"), text.replace("first_key: { store: local", "first_key: { store: old"));
  writeFileSync(file("old.env"), "FIRST_KEY=changed\nSECOND_KEY=two\n");
  const { status, stderr } = await run(move);
  expect(status).toBe(2);
  expect(stderr).toContain("the store has another value of `first_key` and keeps it\n");
  expect(await run(["list", "--store", "old"])).toMatchObject({ stdout: "first_key\nthird_key\n" });
  expect(await run([...move, "--overwrite"])).toMatchObject({ status: 0 });
  expect((await run(["get", "first_key"])).stdout).toBe("changed\n");
});

test("a name that an override keeps in the old store is told, and no old value is removed", { timeout }, async () => {
  const { run, file } = await useTwoStores();
  writeFileSync(file("mxm-secrets.local.yaml"), "refs: { second_key: { store: old, policy: default } }\n");
  const { status, stderr } = await run([...move, "--delete-source"]);
  expect(status).toBe(2);
  expect(stderr).toContain(
    "the values are in `local`, but the configuration still says another store for `second_key`\n",
  );
  expect((await run(["get", "second_key"])).stdout).toBe("two\n");
});

test("what cannot be is refused before anything is read", { timeout }, async () => {
  const { run, file } = await useTwoStores();
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["--from-store", "old", "--store", "old"], /two different stores/],
    [["--from-store", "oldd", "--store", "local"], /there is no store `oldd`/],
    [["--from-store", "old", "--store", "locl"], /there is no store `locl`/],
    [["--from-store", "old", "--store", "local", "--policy", "default"], /--policy is not for --from-store/],
    [["--from-store", "old", "old.env"], /exclude each other/],
    [["--from-store", "local", "--store", "other", "--only", "first_key"], /is in store `old`, not in `local`/],
    [["--from-store", "old", "--store", "local", "--only", "first_kee"], /there is no secret named `first_kee`/],
  ];
  const before = readFileSync(file("mxm-secrets.yaml"), "utf8");
  const ends = await Promise.all(refusals.map(([argv]) => run(["import", ...argv])));
  for (const [index, { status, stderr }] of ends.entries()) {
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(refusals[index]?.[1] ?? "") });
  }
  expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toBe(before);
});

test("an old store that cannot remove anything says so, after everything is moved", { timeout }, async () => {
  const { run } = await useTwoStores();
  const { status, stderr } = await run([...move, "--delete-source"]);
  expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining("`old`") });
  expect((await run(["get", "first_key"])).stdout).toBe("one\n");
});

test("the old values are removed when asked", { timeout }, async () => {
  const { run, machine, file } = await useTwoStores();
  const other = machine("other");
  await other.run(["init"]);
  copyFileSync(join(other.directory, "secrets.enc"), file("other.enc"));
  copyFileSync(join(other.directory, ".key"), file("other.key"));
  expect(await run(["trust", "--store", "other", "--yes"])).toMatchObject({ status: 0 });
  await run(["set", "sealed_key", "--stdin"], { input: "sealed" });
  const argv = ["import", "--from-store", "local", "--store", "other", "--delete-source"];
  expect(await run(argv)).toMatchObject({ status: 0 });
  expect((await run(["get", "sealed_key"])).stdout).toBe("sealed\n");
  expect(readFileSync(file("secrets.enc"), "utf8")).not.toContain("sealed_key");
});
