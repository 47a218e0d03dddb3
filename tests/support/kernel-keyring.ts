import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shortDirectory } from "./gopass.js";
import { findTool } from "./tools.js";

const keyctl = findTool("keyctl");
const node = process.execPath;

/** Joins a session keyring, and puts the user's persistent keyring into it, as the backend's package does. */
const withKeyring = (script: string, ...words: readonly string[]) =>
  spawnSync(
    keyctl ?? "keyctl",
    ["session", "-", "/bin/sh", "-c", `p=$(${keyctl} get_persistent @s) && ${script}`, "sh", ...words],
    { encoding: "utf8" },
  );

/** Whether the kernel, and what contains this process, let it keep keys; the tests are skipped otherwise. */
export const hasKernelKeyring =
  keyctl !== undefined &&
  withKeyring(`id=$(${keyctl} add user mxm-probe x $p) && ${keyctl} print $id && ${keyctl} unlink $id $p`).status === 0;

/** Whether this process has a session keyring, other than the one that all processes of a user share without one. */
export const hasSessionKeyring = !/;_uid_ses\./.test(
  spawnSync(keyctl ?? "keyctl", ["rdescribe", "@s"], { encoding: "utf8" }).stdout ?? "",
);

/** What `keyctl` prints of a key in the persistent keyring. @throws Error when there is none */
export function printKey(description: string): string {
  const done = withKeyring(`${keyctl} pipe $(${keyctl} search $p user "$1")`, description);
  if (done.status !== 0) throw new Error(`keyctl: ${done.stderr}`);
  return done.stdout;
}

/** Takes every key of a service out of the persistent keyring. */
export function forgetService(service: string): void {
  withKeyring(
    `for id in $(${keyctl} rlist $p); do
      case "$(${keyctl} rdescribe $id)" in *";$1:"*) ${keyctl} unlink $id $p ;; esac
    done`,
    service,
  );
}

/**
 * Has this process run Node, where it runs Node, in a session keyring of its own, as a login has it and a test need not.
 *
 * @param before - a line of shell that is run in that session first
 * @returns what ends that
 */
export function useSessionKeyring(before = ":"): () => void {
  const replaced = process.execPath;
  const directory = shortDirectory();
  const program = join(directory, "node");
  const script = `${before}; exec "$@"`;
  writeFileSync(program, `#!/bin/sh\nexec '${keyctl}' session - /bin/sh -c '${script}' sh '${node}' "$@"\n`);
  chmodSync(program, 0o755);
  process.execPath = program;
  return () => {
    process.execPath = replaced;
    rmSync(directory, { recursive: true });
  };
}

/** Ends that for a while. @returns what begins it again */
export function useOwnNode(): () => void {
  const replaced = process.execPath;
  process.execPath = node;
  return () => {
    process.execPath = replaced;
  };
}

/** As {@link useSessionKeyring}, with that of a login that has ended. */
export function useRevokedKeyring(): () => void {
  return useSessionKeyring(`${keyctl} revoke @s`);
}
