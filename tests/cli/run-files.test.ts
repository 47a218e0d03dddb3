import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 60_000;
const memory = "/dev/shm";

async function useBinary() {
  const project = await useProject();
  await project.run(["init"]);
  const value = Buffer.concat([Buffer.of(0, 0xff), randomBytes(200_000)]);
  await project.run(["set", "tls_key", "--stdin"], { input: value });
  await project.run(["set", "first_key", "--stdin"], { input: "one" });
  return { ...project, value };
}

describe.skipIf(!existsSync(memory))("run --as-file", () => {
  test("gives a value of any bytes and any size in a private file in memory", { timeout }, async () => {
    const { run, value } = await useBinary();
    const script =
      'case $TLS_KEY_FILE in /dev/shm/*) ;; *) exit 9 ;; esac; cat "$TLS_KEY_FILE"; stat -c %a "$TLS_KEY_FILE" "${TLS_KEY_FILE%/*}" >&2; [ -z "${TLS_KEY+x}" ]';
    const { status, bytes, stderr } = await run([
      "run",
      "--no-masking",
      "--as-file",
      "TLS_KEY",
      "--",
      "sh",
      "-c",
      script,
    ]);
    expect({ status, stderr, same: bytes.equals(value) }).toEqual({ status: 0, stderr: "600\n700\n", same: true });
  });

  test("stands beside what is given in variables, and a name only there is in no variable", { timeout }, async () => {
    const { run } = await useBinary();
    const script = 'cat "$KEY_PATH"; echo ".$FIRST_KEY.${APP_FIRST_KEY-}.${TLS_KEY-none}"';
    const shell = ["--no-masking", "--", "sh", "-c", script];
    const only = await run(["run", "--only", "first_key", "--as-file", "first_key=KEY_PATH", ...shell]);
    expect(only).toMatchObject({ status: 0, stdout: "one.one..none\n", stderr: "" });
    const all = await run(["run", "--all", "--as-file", "tls_key", "--as-file", "first_key=KEY_PATH", ...shell]);
    expect(all).toMatchObject({ status: 0, stdout: "one...none\n", stderr: "" });
  });

  test("the files are gone when the command has ended, however it ended", { timeout }, async () => {
    const { run, start } = await useBinary();
    const words = ["run", "--as-file", "tls_key", "--no-masking", "--"];
    const shown = 'printf %s "${TLS_KEY_FILE%/*}"; ';
    const ends = await Promise.all(
      ["exit 0", "exit 3", "kill -KILL $$"].map((last) => run([...words, "sh", "-c", shown + last])),
    );
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
      const child = start([...words, "sh", "-c", `${shown} exec sleep 60`], ["ignore", "pipe", "pipe"]);
      const ended = endOf(child);
      await new Promise((resolve) => child.stdout?.once("data", resolve));
      child.kill(signal);
      ends.push(await ended);
    }
    expect(ends.map(({ status }) => status)).toEqual([0, 3, 137, 143, 130, 129, 131]);
    for (const { stdout } of ends) {
      expect(stdout).toMatch(/^\/dev\/shm\/mxm-secrets-run-[-0-9a-f]+$/);
      expect(existsSync(stdout)).toBe(false);
    }
    const left = async (...argv: readonly string[]) => {
      const child = start(["run", "--as-file", "tls_key", ...argv], ["ignore", "pipe", "pipe"]);
      const { status } = await endOf(child);
      return { status, found: readdirSync(memory).filter((name) => name.includes(`-${child.pid}-`)) };
    };
    expect(await left("--", "no-such-program")).toEqual({ status: 127, found: [] });
    expect(await left("--only", "tls_key", "--", "true")).toEqual({ status: 2, found: [] });
  });
});
