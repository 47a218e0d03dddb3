import { chmodSync, existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";
import { mayRun, openTerminal } from "../support/terminal.js";

const timeout = 60_000;

async function useEnvFile(text = "FIRST_KEY=one\nSECOND_KEY='two words'\n") {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  writeFileSync(file(".env"), text, { mode: 0o600 });
  return { ...project, file };
}

test.skipIf(!mayRun)("on a terminal it offers to delete the file, and only yes deletes it", { timeout }, async () => {
  const project = await useEnvFile();
  const answer = async (keys: string) => {
    const terminal = openTerminal(project, "mxm-secrets import .env");
    await terminal.see("delete .env? [y/N]");
    terminal.type(keys);
    const { status } = await terminal.end();
    return { status, isThere: existsSync(project.file(".env")) };
  };
  for (const keys of ["\n", "no\n", "\x03", "\x04"]) {
    expect({ keys, ...(await answer(keys)) }).toEqual({ keys, status: 0, isThere: true });
  }
  expect((await project.run(["get", "second_key"])).stdout).toBe("two words\n");
  expect(await answer("y\n")).toEqual({ status: 0, isThere: false });
});

test("without a terminal the file stays unless its deletion was asked for", { timeout }, async () => {
  const { run, file } = await useEnvFile();
  expect(await run(["import", ".env"])).toMatchObject({ status: 0, stdout: "", stderr: "mxm-secrets: .env: 2 new\n" });
  expect(existsSync(file(".env"))).toBe(true);
  expect(await run(["import", ".env", "--delete-source"])).toMatchObject({ status: 0, stdout: "" });
  expect(existsSync(file(".env"))).toBe(false);
  expect((await run(["get", "first_key"])).stdout).toBe("one\n");
});

test("a link is not deleted, and where it leads is said", { timeout }, async () => {
  const { run, file } = await useEnvFile();
  symlinkSync(".env", file("link.env"));
  const { status, stderr } = await run(["import", "link.env", "--delete-source"]);
  expect(status).toBe(2);
  expect(stderr).toContain(
    `\`link.env\` is a symbolic link and is not deleted\n  delete what it leads to: ${file(".env")}`,
  );
  expect([lstatSync(file("link.env")).isSymbolicLink(), existsSync(file(".env"))]).toEqual([true, true]);
});

test("a file that is a store of the project is not deleted", { timeout }, async () => {
  const { run, file } = await useEnvFile();
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
  writeFileSync(file("mxm-secrets.yaml"), text.replace(/^stores:\n/m, "stores:\n  old: { backend: dotenv }\n"));
  const { status, stderr } = await run(["import", ".env", "--delete-source"]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "mxm-secrets: `.env` is not deleted: it is a file of this project\n",
  });
  expect([existsSync(file(".env")), (await run(["list"])).stdout]).toEqual([true, ""]);
});

test("a value the store does not take is named, and nothing is written", { timeout }, async () => {
  const { run } = await useEnvFile(`FIRST_KEY=one\nLARGE_KEY=${"ab".repeat(550_000)}\nTHIRD_KEY=three\n`);
  const { status, stderr } = await run(["import", ".env"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^mxm-secrets: `large_key` cannot be stored: the value is 1100000 bytes; /);
  expect((await run(["import", ".env", "--dry-run"])).status).toBe(2);
  expect(await run(["list"])).toMatchObject({ stdout: "" });
});

test(
  "a store that would lose the values is refused, also behind a chain, and the file stays",
  { timeout },
  async () => {
    const { run, file } = await useEnvFile();
    const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
    const stores =
      "  mem: { backend: memory }\n  both: { backend: chain, stores: [mem, local], write_to: mem }\n  ro: { backend: env }\n";
    writeFileSync(file("mxm-secrets.yaml"), text.replace(/^stores:\n/m, `stores:\n${stores}`));
    const refusals = [
      ["mem", "`mem` would lose the value at once"],
      ["both", "`mem` would lose the value at once"],
      ["ro", "`ro` is read-only"],
    ] as const;
    for (const [store, message] of refusals) {
      const { status, stderr } = await run(["import", ".env", "--store", store, "--delete-source"]);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
    }
    expect(await run(["set", "NEW_KEY", "--store", "mem", "--stdin"])).toMatchObject({ status: 2 });
    writeFileSync(file("secrets"), "NEW_KEY=\n");
    const given = { input: "NEW_KEY=value-1\n" };
    expect(await run(["setup", "--store", "mem", "--stdin"], given)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("`mem` would lose the value at once"),
    });
    expect([existsSync(file(".env")), (await run(["list"])).stdout]).toEqual([true, ""]);
  },
);

test.skipIf(isWithoutGit)("of a file that git tracks it says that history keeps the values", { timeout }, async () => {
  const { run, shell } = await useEnvFile();
  await shell("git init -q; git add -f .env");
  const { stderr } = await run(["import", ".env", "--dry-run"]);
  expect(stderr).toContain("git tracks `.env`: its history keeps these values; change them where they come from\n");
});

test("a file that others may read is imported with the command that closes it", { timeout }, async () => {
  const { run, file } = await useEnvFile();
  chmodSync(file(".env"), 0o640);
  const { status, stderr } = await run(["import", ".env"]);
  expect(status).toBe(0);
  expect(stderr).toContain("`.env` is open to the group or to others (mode 0640): run `chmod 600 .env`\n");
});

test("nothing is written when one name may not be written or one value cannot be read", { timeout }, async () => {
  const { run, file } = await useEnvFile("FIRST_KEY=one\nSECOND_KEY=two\n");
  await run(["set", "second_key", "--stdin"], { input: "two" });
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8").replace(
    "policies:",
    "policies:\n  closed:\n    allowed_principals: [nobody]",
  );
  writeFileSync(file("mxm-secrets.yaml"), text.replace(/(second_key:\s+store: local\s+policy:) default/, "$1 closed"));
  expect(await run(["import", ".env"])).toMatchObject({ status: 3 });
  expect((await run(["list"])).stdout).toBe("second_key\n");
  writeFileSync(file("mxm-secrets.yaml"), text.replace("actions: [read, write]", "actions: [write]"));
  expect(await run(["import", ".env"])).toMatchObject({ status: 3 });
  expect((await run(["list"])).stdout).toBe("second_key\n");
});

test("a value stored under a name that was never written down is taken for what it is", { timeout }, async () => {
  const { run, file } = await useEnvFile();
  const before = readFileSync(file("mxm-secrets.yaml"), "utf8");
  await run(["import", ".env"]);
  const after = readFileSync(file("mxm-secrets.yaml"), "utf8");
  writeFileSync(file("mxm-secrets.yaml"), before);
  expect(await run(["import", ".env"])).toMatchObject({ status: 0, stderr: "mxm-secrets: .env: 2 unchanged\n" });
  expect(readFileSync(file("mxm-secrets.yaml"), "utf8")).toBe(after);
});

test("what is exported as dotenv comes back as it was", { timeout }, async () => {
  const { run, machine } = await useEnvFile();
  const values = ['it\'s `$1` "q" \\ #\r\n ', "0123"];
  for (const [index, input] of values.entries()) await run(["set", `key_${index}`, "--stdin"], { input });
  const { stdout } = await run(["export", "--format", "dotenv", "--all"]);
  const other = machine("other");
  await other.run(["init"]);
  expect(await other.run(["import", "-", "--format", "dotenv"], { input: stdout })).toMatchObject({ status: 0 });
  expect((await other.run(["export", "--format", "dotenv", "--all"])).stdout).toBe(stdout);
});

test("what is no file that can be read is a fault of the call, as in every command", { timeout }, async () => {
  const { run } = await useEnvFile("");
  for (const input of [".", "no-such-file"]) {
    for (const command of [
      ["import", input, "--format", "dotenv"],
      ["render", input],
      ["setup", "--from", input],
    ]) {
      expect({ command, ...(await run(command)) }).toMatchObject({ command, status: 2, stdout: "" });
    }
  }
});
