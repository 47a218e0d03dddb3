import { spawnSync } from "node:child_process";

/** Runs systemd-creds and waits. @throws Error with its own words when it fails */
export function systemdCreds(
  argv: readonly string[],
  input: string | Buffer = "",
  environment: Readonly<Record<string, string>> = {},
): Buffer {
  const { status, stdout, stderr, error } = spawnSync("systemd-creds", argv, {
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", ...environment },
    input,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`systemd-creds ${argv.join(" ")}: exit ${status}\n${stderr.toString()}`);
  return stdout;
}

/**
 * The word that makes systemd-creds encrypt without a key of the machine, so that a test leaves none behind: `null` since
 * version 254, before that a fixed key under a longer name. `undefined` where the program is not there or knows neither.
 */
export function findNullKey(): string | undefined {
  return ["null", "tpm2-absent"].find((word) => {
    try {
      systemdCreds(["encrypt", `--with-key=${word}`, "--name=probe", "-", "-"], "probe");
      return true;
    } catch {
      return false;
    }
  });
}
