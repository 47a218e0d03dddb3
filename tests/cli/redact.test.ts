import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

async function useSecrets() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "correct horse" });
  await project.run(["set", "second_key", "--stdin"], { input: "battery staple" });
  return project;
}

test("what passes is masked in every form, and everything else passes byte for byte", { timeout }, async () => {
  const { run } = await useSecrets();
  const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const input = Buffer.concat([
    binary,
    Buffer.from("correct horse, battery%20staple, 636f727265637420686f727365"),
    binary,
  ]);
  const { status, stderr, bytes } = await run(["redact"], { input });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(bytes).toEqual(
    Buffer.concat([binary, Buffer.from("[secret first_key], [secret second_key], [secret first_key]"), binary]),
  );
  expect(await run(["redact"])).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test("what is printed is printed at once, but for what may begin a value", { timeout }, async () => {
  const { start } = await useSecrets();
  const child = start(["redact"], ["pipe", "pipe", "inherit"]);
  let printed = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const see = async (text: string) => {
    while (!printed.includes(text)) await once(child.stdout ?? child, "data");
  };
  child.stdin?.write("Password: ");
  await see("Password: ");
  child.stdin?.write("correct");
  child.stdin?.write(" horse!");
  await see("Password: [secret first_key]!");
  child.stdin?.write(" a correct");
  await see("! a ");
  child.stdin?.end("ion");
  await once(child, "close");
  expect(printed).toBe("Password: [secret first_key]! a correction");
});

test("only what was chosen is masked", { timeout }, async () => {
  const { run } = await useSecrets();
  const input = "correct horse, battery staple";
  expect(await run(["redact", "--only", "second_key"], { input })).toMatchObject({
    stdout: "correct horse, [secret second_key]",
  });
  expect(await run(["redact", "--all"], { input })).toMatchObject({
    stdout: "[secret first_key], [secret second_key]",
  });
  expect(await run(["redact", "--only", "first_key", "--all"], { input })).toMatchObject({ status: 2, stdout: "" });
  expect(await run(["redact", "file"], { input })).toMatchObject({ status: 2, stdout: "" });
});

test("a value too short to be masked is named, an absent one only when asked", { timeout }, async () => {
  const { run } = await useSecrets();
  await run(["set", "short_key", "--stdin"], { input: "abc" });
  expect(await run(["redact"], { input: "abc" })).toMatchObject({
    status: 0,
    stdout: "abc",
    stderr: "mxm-secrets: the value of short_key is shorter than 4 characters and is not masked\n",
  });
});

test("an absent value is nothing to mask, and said under --verbose", { timeout }, async () => {
  const { run, directory } = await useSecrets();
  writeFileSync(
    join(directory, "mxm-secrets.local.yaml"),
    "refs: { third_key: { store: local, path: third_key, policy: default } }\n",
  );
  const input = "correct horse";
  expect(await run(["redact"], { input })).toMatchObject({ status: 0, stdout: "[secret first_key]", stderr: "" });
  const { stdout, stderr } = await run(["redact", "--verbose"], { input });
  expect(stdout).toBe("[secret first_key]");
  expect(stderr).toContain("third_key has no value: there is nothing to mask\n");
});

test("nothing passes when a value cannot be read", { timeout }, async () => {
  const { run, shell } = await useSecrets();
  const input = "correct horse";
  expect(await run(["redact", "--role", "intern"], { input })).toMatchObject({ status: 3, stdout: "" });
  expect(await run(["redact", "--only", "first_key", "--role", "intern"], { input })).toMatchObject({
    status: 3,
    stdout: "",
  });
  expect(await run(["redact", "--only", "no_such_key"], { input })).toMatchObject({ status: 2, stdout: "" });
  await shell("mv .key elsewhere");
  expect(await run(["redact"], { input })).toMatchObject({ status: 5, stdout: "" });
  await shell("mv elsewhere .key; printf x >> secrets.enc");
  expect(await run(["redact"], { input })).toMatchObject({ status: 6, stdout: "" });
});

test("a reader that goes away ends it without an error; a full disk is a failure", { timeout }, async () => {
  const { shell } = await useSecrets();
  const script = `yes "a correct horse" | mxm-secrets redact | head -n 1; echo "\${PIPESTATUS[1]}"`;
  expect(await shell(`exec bash -c '${script}'`)).toMatchObject({ stdout: "a [secret first_key]\n0\n", stderr: "" });
  expect(await shell("echo x | mxm-secrets redact >/dev/full")).toMatchObject({
    status: 4,
    stderr: "mxm-secrets: standard output cannot be written: the disk is full\n",
  });
  expect(await shell("mxm-secrets redact </")).toMatchObject({
    status: 2,
    stdout: "",
    stderr: "mxm-secrets: standard input cannot be read: it is a directory\n",
  });
});

const isWithoutPython = process.env["CI"] === undefined && spawnSync("python3", ["--version"]).status !== 0;

test.skipIf(isWithoutPython)("an input that somebody made non-blocking is waited for", { timeout }, async () => {
  const { shell, directory } = await useSecrets();
  writeFileSync(join(directory, "unblock.py"), "import os; os.set_blocking(0, False)\n");
  const writer = "{ printf 'a correct'; sleep 0.3; printf ' horse'; sleep 0.1; echo '!'; }";
  expect(await shell(`${writer} | { python3 unblock.py; mxm-secrets redact; }`)).toMatchObject({
    status: 0,
    stdout: "a [secret first_key]!\n",
    stderr: "",
  });
});
