import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useProject } from "../support/project.js";

const timeout = 60_000;

async function useSecrets() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const start = async (...command: readonly string[]) => {
    const { status, stdout, stderr } = await project.run(["run", "--only", "first_key", "--", ...command]);
    return { status, stdout, stderr };
  };
  return { ...project, startWithKey: start };
}

test("a value no environment can hold, by its size, is refused with the limit", { timeout }, async () => {
  const { run } = await useSecrets();
  await run(["set", "large_key", "--stdin"], { input: "canary".repeat(40_000) });
  const { status, stdout, stderr } = await run(["run", "--all", "--", "echo", "started"]);
  expect({ status, stdout }).toEqual({ status: 126, stdout: "" });
  expect(stderr).toBe(
    "mxm-secrets: `echo` cannot be run: the variable `LARGE_KEY` takes 240010 bytes with its name, and this system takes at most 131071\n" +
      "  a program can read a large value from a file: `--as-file NAME`\n",
  );
});

test("a program that cannot be run or found answers as in a shell", { timeout }, async () => {
  const { startWithKey, run, directory } = await useSecrets();
  mkdirSync(join(directory, "folder"));
  writeFileSync(join(directory, "plain"), "");
  writeFileSync(join(directory, "script"), "#!/no/such/interpreter\n");
  chmodSync(join(directory, "script"), 0o755);
  const said = (status: number, message: string) => ({ status, stdout: "", stderr: `mxm-secrets: ${message}\n` });
  expect(await startWithKey("./folder")).toEqual(said(126, "`./folder` cannot be run: it is a directory"));
  expect(await startWithKey("./plain")).toEqual(said(126, "`./plain` cannot be run: permission denied"));
  expect(await startWithKey("./script")).toEqual(
    said(126, "`./script` cannot be run: the interpreter its first line names is missing"),
  );
  expect(await startWithKey("./plain/below")).toEqual(
    said(126, "`./plain/below` cannot be run: a part of the path is not a directory"),
  );
  expect(await startWithKey("no-such-program")).toEqual(said(127, "there is no program `no-such-program`"));
  expect(await startWithKey("./missing")).toEqual(said(127, "there is no program `./missing`"));
  expect(await startWithKey("")).toEqual(said(127, "the name of the program is empty"));
  const { stderr } = await run(["run", "--only", "first_key", "--json", "--", "no-such-program"]);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "unavailable", exitCode: 127 } });
});

test("a name that changes how programs load is refused before its store is asked, or left out of all", async () => {
  const { run, directory } = await useSecrets();
  await run(["set", "ld_preload", "--stdin"], { input: "canary" });
  const audited = () => readFileSync(join(directory, "audit.jsonl"), "utf8");
  const before = audited();
  expect(await run(["run", "--only", "first_key,LD_PRELOAD", "--", "echo", "started"])).toMatchObject({
    status: 2,
    stdout: "",
  });
  expect(audited()).toBe(before);
  const { status, stdout, stderr } = await run([
    "run",
    "--no-masking",
    "--all",
    "--",
    "sh",
    "-c",
    'echo "$FIRST_KEY.${LD_PRELOAD-}"',
  ]);
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "one.\n",
    stderr:
      "mxm-secrets: ld_preload is left out: `LD_PRELOAD` decides which libraries a program loads, so it is never put into an environment\n",
  });
});

test("the descriptor a key comes from stays out of the child, whatever its number", { timeout }, async () => {
  const { shell, directory } = await useSecrets();
  const file = join(directory, "mxm-secrets.yaml");
  const text = readFileSync(file, "utf8");
  for (const descriptor of [3, 63]) {
    writeFileSync(file, text.replace("path: secrets.enc", `path: secrets.enc, key: { fd: ${descriptor} }`));
    const child = `echo "$FIRST_KEY"; cat /proc/self/fd/${descriptor}`;
    const script = `exec bash -c 'mxm-secrets run --no-masking --only first_key -- sh -c "$1" ${descriptor}<.key' bash '${child}'`;
    const { stdout } = await shell(script);
    expect(stdout).toBe("one\n");
  }
});
