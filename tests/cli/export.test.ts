import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isWithoutGit } from "../support/programs.js";
import { useProject } from "../support/project.js";

const timeout = 60_000;

async function useSecrets() {
  const project = await useProject();
  const file = (name: string) => join(project.directory, name);
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const toFile = (name: string, ...more: readonly string[]) =>
    project.run(["export", "--format", "dotenv", "--all", "--output", name, ...more]);
  return { ...project, file, toFile };
}

test.skipIf(isWithoutGit)("a file that git tracks is written with --force only", { timeout }, async () => {
  const { shell, toFile, file } = await useSecrets();
  writeFileSync(file("app.env"), "OLD=1\n");
  await shell("git init -q; git add app.env");
  const refused = await toFile("app.env");
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/^mxm-secrets: `app\.env` is tracked by git/);
  expect(readFileSync(file("app.env"), "utf8")).toBe("OLD=1\n");
  expect(await toFile("app.env", "--force")).toMatchObject({ status: 0, stdout: "" });
  expect(readFileSync(file("app.env"), "utf8")).toBe("FIRST_KEY='one'\n");
});

test("an output that was open to others is closed to them, and no other file is left", { timeout }, async () => {
  const { toFile, file, directory } = await useSecrets();
  const before = readdirSync(directory).toSorted();
  writeFileSync(file("app.env"), "OLD=1\n", { mode: 0o644 });
  expect(await toFile("app.env")).toMatchObject({ status: 0 });
  expect(statSync(file("app.env")).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory).toSorted()).toEqual([...before, "app.env"].toSorted());
});

test("no file of the project is written over, by whatever name, and no value is read for it", { timeout }, async () => {
  const { run, toFile, file, directory } = await useSecrets();
  mkdirSync(file("below"));
  const audited = readFileSync(file("audit.jsonl"), "utf8");
  const own = ["mxm-secrets.yaml", "secrets.enc", ".key", "secrets", "audit.jsonl", "below/../.key", file(".key")];
  const contents = () => own.map((name) => readFileSync(join(directory, name.replace(`${directory}/`, ""))).toString());
  const before = contents();
  const ends = await Promise.all(own.map((name) => toFile(name, "--force")));
  expect(ends.map(({ status }) => status)).toEqual(own.map(() => 2));
  expect(contents()).toEqual(before);
  expect(readFileSync(file("audit.jsonl"), "utf8")).toBe(audited);
  expect((await run(["get", "first_key"])).stdout).toBe("one\n");
});

test("a name that changes how programs load is for no environment, and left out of all", { timeout }, async () => {
  const { run } = await useSecrets();
  await run(["set", "ld_preload", "--stdin"], { input: "canary" });
  const [named, all, json] = await Promise.all([
    run(["export", "--format", "shell", "--only", "ld_preload"]),
    run(["export", "--format", "shell", "--all"]),
    run(["export", "--format", "json", "--all"]),
  ]);
  expect(named).toMatchObject({ status: 2, stdout: "" });
  expect(all).toMatchObject({ status: 0, stdout: "export FIRST_KEY='one'\n" });
  expect(all.stderr).toMatch(/^mxm-secrets: ld_preload is left out: `LD_PRELOAD` decides which libraries/);
  expect(JSON.parse(json.stdout)).toEqual({ FIRST_KEY: "one", LD_PRELOAD: "canary" });
});

test("one name that is denied or absent, and nothing is exported", { timeout }, async () => {
  const { run, toFile, file, directory } = await useSecrets();
  await run(["set", "second_key", "--stdin"], { input: "two" });
  await run(["rm", "second_key", "--keep-ref", "--yes"]);
  expect(await toFile("app.env")).toMatchObject({ status: 1 });
  const text = readFileSync(file("mxm-secrets.yaml"), "utf8");
  writeFileSync(file("mxm-secrets.yaml"), text.replace("actions: [read, write]", "actions: [write]"));
  const denied = await run(["export", "--format", "json", "--only", "first_key", "-o", "app.json"]);
  expect(denied).toMatchObject({ status: 3, stdout: "" });
  expect(readdirSync(directory).filter((name) => name.startsWith("app"))).toEqual([]);
});

test("bytes that are no text reach the shell as they are", { timeout }, async () => {
  const { run, shell } = await useSecrets();
  const bytes = Buffer.from(Uint8Array.from({ length: 255 }, (_, index) => index + 1));
  await run(["set", "first_key", "--stdin"], { input: bytes });
  const { bytes: printed } = await shell('eval "$(mxm-secrets export --format shell --all)"; printf %s "$FIRST_KEY"');
  expect(printed.toString("hex")).toBe(bytes.toString("hex"));
});

const mayEncrypt = process.getuid?.() === 0 && spawnSync("systemd-creds", ["--version"]).status === 0;

test.skipIf(!mayEncrypt)(
  "credentials are files that systemd decrypts, and the drop-in names them",
  { timeout },
  async () => {
    const { run, file, directory } = await useSecrets();
    const env = { SYSTEMD_CREDENTIAL_SECRET: file("machine-secret") };
    const argv = ["--format", "systemd-credentials", "--with-key", "host", "--output-directory", "made/credentials"];
    const { status, stdout } = await run(["export", ...argv, "--only", "first_key"], { env });
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `[Service]\nLoadCredentialEncrypted=first_key:${directory}/made/credentials/first_key.cred\n`,
    });
    const made = file("made/credentials/first_key.cred");
    expect([statSync(file("made/credentials")).mode & 0o777, statSync(made).mode & 0o777]).toEqual([0o700, 0o600]);
    const decrypted = spawnSync("systemd-creds", ["decrypt", "--name=first_key", made, "-"], {
      env: { ...process.env, ...env },
    });
    expect(decrypted.stdout.toString()).toBe("one");
  },
);

test("without systemd-creds, credentials are refused by that name", { timeout }, async () => {
  const { run, root } = await useSecrets();
  const argv = ["--format", "systemd-credentials", "--output-directory", "credentials", "--all"];
  const { status, stderr } = await run(["export", ...argv], { env: { PATH: join(root, "bin") } });
  expect({ status, stderr }).toEqual({ status: 4, stderr: "mxm-secrets: `systemd-creds` is not installed\n" });
});

test("`-` as the output is standard output, and no file of that name is made", { timeout }, async () => {
  const { toFile, file } = await useSecrets();
  expect(await toFile("-")).toMatchObject({ status: 0, stdout: "FIRST_KEY='one'\n", stderr: "" });
  expect(existsSync(file("-"))).toBe(false);
});

test("says as JSON which file it wrote, and for which names", { timeout }, async () => {
  const { toFile } = await useSecrets();
  const { stdout } = await toFile("app.env", "--json");
  expect(JSON.parse(stdout)).toEqual({ format: "dotenv", output: "app.env", names: ["first_key"] });
});
