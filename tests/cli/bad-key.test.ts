import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";
import { isWithoutGit } from "../support/programs.js";

const timeout = 60_000;

async function useKey() {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const key = readFileSync(file(".key"));
  const restore = () => {
    rmSync(file(".key"), { recursive: true, force: true });
    writeFileSync(file(".key"), key, { mode: 0o600 });
  };
  return { ...project, file, restore };
}

test("a key that cannot be used has a message and a way out for each cause", { timeout }, async () => {
  const { run, file, restore, machine } = await useKey();
  const stranger = machine("stranger");
  await stranger.run(["init"]);
  const faults: readonly (readonly [string, () => void, RegExp, RegExp])[] = [
    ["open to others", () => chmodSync(file(".key"), 0o604), /\(mode 0604\)$/, /`chmod 600 /],
    ["open to the group", () => chmodSync(file(".key"), 0o640), /\(mode 0640\)$/, /`chmod 600 /],
    [
      "missing",
      () => renameSync(file(".key"), file("kept")),
      /\.key` of the sealed store .* is missing$/,
      /restore it/,
    ],
    ["empty", () => writeFileSync(file(".key"), ""), /\.key/, /\S/],
    ["cut off", () => writeFileSync(file(".key"), "AGE-SECRET-KEY-1QQQQ\n"), /\.key/, /\S/],
    ["something else", () => writeFileSync(file(".key"), "\u001b[31mhello\u0000\n"), /\.key/, /\S/],
    ["too large", () => writeFileSync(file(".key"), Buffer.alloc(200_000, 65)), /too large/, /^$/],
    ["another's", () => copyFileSync(join(stranger.directory, ".key"), file(".key")), /no recipient/, /keys add/],
  ];
  for (const [fault, break_, message, hint] of faults) {
    break_();
    const { status, stdout, stderr } = await run(["get", "first_key"]);
    const [said = "", advice = "", ...rest] = stderr.split("\n");
    expect({ fault, status, stdout, rest: rest.join("") }).toEqual({ fault, status: 5, stdout: "", rest: "" });
    expect(said).toMatch(message);
    expect(advice).toMatch(hint);
    restore();
  }
  expect(await run(["get", "first_key"])).toMatchObject({ status: 0, stdout: "one\n" });
  chmodSync(file(".key"), 0o644);
  expect(await run(["get", "first_key", "--allow-insecure-permissions"])).toMatchObject({ status: 0, stdout: "one\n" });
});

test.skipIf(isWithoutGit)(
  "every command that touches the store stops when git tracks the key, in real repositories",
  { timeout },
  async () => {
    const { run, shell, file, directory, root } = await useKey();
    const calls = [
      ["get", "first_key"],
      ["set", "first_key", "--stdin"],
      ["rm", "first_key", "--yes"],
      ["mv", "first_key", "second_key"],
      ["run", "--all", "--", "true"],
      ["keys", "public"],
      ["keys", "list"],
      ["keys", "rm", "nobody", "--yes"],
      ["trust", "--store", "local", "--yes"],
    ];
    await shell("git init -q && git add -f .key");
    const ends = await Promise.all(calls.map((argv) => run(argv, { input: "two" })));
    for (const [index, { status, stderr }] of ends.entries()) {
      expect({ argv: calls[index], status, tracked: stderr.includes("is tracked by git") }).toEqual({
        argv: calls[index],
        status: 2,
        tracked: true,
      });
    }
    expect((await run(["check"])).stdout).toContain("is tracked by git");
    // Reached by another way in: a link, a work tree, a subdirectory.
    symlinkSync(directory, join(root, "link"));
    expect(await run(["get", "first_key"], { cwd: join(root, "link") })).toMatchObject({ status: 2 });
    await shell("git rm -q --cached .key");
    expect(await run(["get", "first_key"])).toMatchObject({ status: 0, stdout: "one\n" });
    expect((await shell("git check-ignore .key")).stdout).toBe(".key\n");
    rmSync(file(".key"));
  },
);

test("of several failures the gravest is returned, and a denial beats a wrong name", { timeout }, async () => {
  const { run, file, machine } = await useKey();
  const other = machine("other");
  await other.run(["init"]);
  await other.run(["set", "sealed_elsewhere", "--stdin"], { input: "x" });
  copyFileSync(join(other.directory, "secrets.enc"), file("other.enc"));
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8")
    .replace(
      "stores:\n",
      "stores:\n  other: { backend: sealed, path: other.enc }\n  gone: { backend: dotenv, path: gone.env }\n",
    )
    .replace(
      "refs:\n",
      "refs:\n  sealed_elsewhere: { store: other, policy: default }\n  not_there: { store: local, policy: default }\n  unreachable: { store: gone, policy: default }\n  private_key: { store: local, policy: closed }\n",
    )
    .replace("policies:\n", "policies:\n  closed: { allowed_principals: [nobody] }\n");
  writeFileSync(file("mxm-secrets.yaml"), text);
  // A second store is one nobody has seen here: the user says that it belongs.
  expect(await run(["trust", "--store", "other", "--yes"])).toMatchObject({ status: 0 });
  const status = async (...names: readonly string[]) =>
    (await run(["run", "--only", names.join(","), "--", "true"])).status;
  expect(await status("first_key")).toBe(0);
  expect(await status("first_key", "not_there")).toBe(1);
  expect(await status("unknown_name", "not_there")).toBe(2);
  expect(await status("unknown_name", "private_key")).toBe(3);
  expect(await status("unreachable", "not_there")).toBe(4);
  expect(await status("sealed_elsewhere", "unreachable")).toBe(5);
  writeFileSync(file("secrets.enc"), `${readFileSync(file("secrets.enc"), "utf8")}x`);
  expect(await status("unreachable", "sealed_elsewhere", "first_key")).toBe(6);
  expect(await status("first_key", "private_key")).toBe(3);
});
