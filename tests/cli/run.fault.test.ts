import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { endOf, useProject } from "../support/project.js";

const timeout = 60_000;

describe.skipIf(!existsSync("/dev/shm"))("run --as-file", () => {
  test(
    "the next run removes what a killed one left, and touches nothing that is not its own",
    { timeout },
    async () => {
      const { run, start, directory } = await useProject();
      await run(["init"]);
      await run(["set", "tls_key", "--stdin"], { input: Buffer.of(0, 0xff) });
      await run(["set", "first_key", "--stdin"], { input: "one" });
      const child = start(
        [
          "run",
          "--no-masking",
          "--as-file",
          "tls_key",
          "--",
          "sh",
          "-c",
          'echo "${TLS_KEY_FILE%/*} $$"; exec sleep 60',
        ],
        ["ignore", "pipe", "pipe"],
      );
      const said = await new Promise<string>((resolve) =>
        child.stdout?.once("data", (data: Buffer) => resolve(data.toString())),
      );
      const [left = "", pid = ""] = said.trim().split(" ");
      const running = start(
        ["run", "--no-masking", "--as-file", "tls_key", "--", "sh", "-c", 'echo "${TLS_KEY_FILE%/*}"; exec sleep 60'],
        ["ignore", "pipe", "pipe"],
      );
      const live = await new Promise<string>((resolve) =>
        running.stdout?.once("data", (data: Buffer) => resolve(data.toString().trim())),
      );
      const ended = endOf(child);
      child.kill("SIGKILL");
      process.kill(Number(pid), "SIGKILL");
      await ended;
      expect(existsSync(join(left, "tls_key"))).toBe(true);
      // Others of the same name but for the nonce: open to others, a link, and one of another container.
      const named = (nonce: string, path = left) => path.replace(/[0-9a-f]{24}$/, nonce.repeat(24));
      const foreign = named("3").replace(/-run-[0-9a-f]{16}-/, `-run-${"0".repeat(16)}-`);
      onTestFinished(() => {
        for (const path of [left, named("1"), named("2"), foreign]) rmSync(path, { recursive: true, force: true });
      });
      mkdirSync(named("1"), { mode: 0o700 });
      chmodSync(named("1"), 0o755);
      symlinkSync(directory, named("2"));
      mkdirSync(foreign, { mode: 0o700 });
      expect(await run(["run", "--only", "first_key", "--", "true"])).toMatchObject({ status: 0, stderr: "" });
      expect([left, live, named("1"), foreign, directory].map((path) => existsSync(path))).toEqual([
        false,
        true,
        true,
        true,
        true,
      ]);
      expect(readFileSync(join(named("2"), "mxm-secrets.yaml"), "utf8")).toContain("version: 1");
      running.kill("SIGTERM");
      await endOf(running);
      expect(existsSync(live)).toBe(false);
    },
  );
});
