import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 60_000;

async function useSecrets() {
  const project = await useProject();
  await project.run(["init"]);
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  const bash = async (script: string) => {
    const { status, stdout, stderr } = await project.shell(`exec bash -c '${script}'`);
    return { status, stdout, stderr };
  };
  return { ...project, bash };
}

test("a reader that goes away is no error, and changes neither the work nor the exit code", { timeout }, async () => {
  const { bash, run, shell, directory } = await useSecrets();
  const long = Array.from({ length: 4000 }, (_, index) => `  key_${index}: { store: local, policy: default }\n`).join(
    "",
  );
  writeFileSync(
    join(directory, "long.yaml"),
    `version: 1\nstores: { local: { backend: sealed, path: secrets.enc } }\npolicies: { default: { allowed_principals: [developer] } }\nidentity: { role: developer, environment: dev }\nrefs:\n${long}`,
  );
  const ended = 'echo "${PIPESTATUS[0]}"';
  expect(await bash(`mxm-secrets list --config long.yaml | head -n 0; ${ended}`)).toEqual({
    status: 0,
    stdout: "0\n",
    stderr: "",
  });
  expect(await bash(`mxm-secrets get first_key | true; ${ended}`)).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  expect(await bash(`mxm-secrets help | true; ${ended}`)).toEqual({ status: 0, stdout: "0\n", stderr: "" });
  expect(await bash(`mxm-secrets check --config long.yaml | true; ${ended}`)).toMatchObject({
    stdout: "7\n",
    stderr: "",
  });
  expect(await bash(`mxm-secrets get first_key --role intern 2>&1 | true; ${ended}`)).toMatchObject({ stdout: "3\n" });
  // The note about the newline finds no reader; the value is stored all the same.
  expect(await bash(`echo two | mxm-secrets set first_key --stdin 2> >(exec <&-; sleep 0.1); echo $?`)).toMatchObject({
    stdout: "0\n",
  });
  expect(
    await bash(`{ sleep 0.2; echo three; } | mxm-secrets set first_key --stdin 2>&1 | true; echo "\${PIPESTATUS[1]}"`),
  ).toMatchObject({ stdout: "0\n" });
  expect((await run(["get", "first_key"])).stdout).toBe("three\n\n");
  expect((await shell("mxm-secrets get first_key >&-; echo $?")).stdout).toBe("0\n");
  expect((await shell("mxm-secrets get first_key --role intern 2>&-; echo $?")).stdout).toBe("3\n");
  expect((await shell("mxm-secrets get first_key <&-")).stdout).toBe("three\n\n");
});

test("output that cannot be written is a failure", { timeout }, async () => {
  const { shell } = await useSecrets();
  expect(await shell("mxm-secrets get first_key > /dev/full")).toMatchObject({
    status: 4,
    stderr: "mxm-secrets: standard output cannot be written: the disk is full\n",
  });
  expect((await shell("mxm-secrets get first_key --role intern 2> /dev/full; echo $?")).stdout).toBe("3\n");
});

test("set takes what it is given, and says why it cannot", { timeout }, async () => {
  const { shell, run, directory } = await useSecrets();
  mkdirSync(join(directory, "folder"));
  const stored = async (script: string) => {
    const { status, stderr } = await shell(script);
    return { status, stderr, value: (await run(["get", "first_key", "-n"])).stdout };
  };
  expect(await stored("mxm-secrets set first_key --stdin <&-")).toEqual({
    status: 0,
    stderr: "mxm-secrets: the value is empty\n",
    value: "",
  });
  expect(await stored("printf %s two | mxm-secrets set first_key --file /dev/stdin")).toMatchObject({
    status: 0,
    value: "two",
  });
  expect(await stored("mkfifo pipe; printf %s three > pipe & mxm-secrets set first_key --file pipe")).toMatchObject({
    status: 0,
    value: "three",
  });
  expect(await stored("mxm-secrets set first_key --stdin < folder")).toMatchObject({
    status: 2,
    stderr: "mxm-secrets: standard input cannot be read: it is a directory\n",
    value: "three",
  });
  expect(await stored("mxm-secrets set first_key --file /dev/zero")).toMatchObject({
    status: 2,
    stderr: "mxm-secrets: `/dev/zero` is longer than 64 MiB\n",
    value: "three",
  });
});

test("run forwards signals and returns what the child makes of them", { timeout }, async () => {
  const { start } = await useSecrets();
  const caught = async (signal: NodeJS.Signals, script: string) => {
    const child = start(
      ["run", "--no-masking", "--only", "first_key", "--", process.execPath, "-e", script],
      ["ignore", "pipe", "pipe"],
    );
    const end = endOf(child);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill(signal);
    const { status, stdout, stderr } = await end;
    return { status, stdout, stderr };
  };
  const waiting = (signal: string) =>
    `process.on("${signal}", () => { console.log("caught"); process.exit(5); }); setTimeout(() => {}, 20_000); console.log("ready")`;
  const signals = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGINT"] as const;
  const ends = await Promise.all(signals.map((signal) => caught(signal, waiting(signal))));
  for (const end of ends) expect(end).toEqual({ status: 5, stdout: "ready\ncaught\n", stderr: "" });
  const dying = 'console.log("ready"); setTimeout(() => {}, 20_000)';
  expect(await caught("SIGTERM", dying)).toEqual({ status: 143, stdout: "ready\n", stderr: "" });
  expect(await caught("SIGINT", dying)).toMatchObject({ status: 130 });
});
