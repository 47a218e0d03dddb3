import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { identityOf } from "../../src/age/identities.js";
import { encodeSecretKey } from "../../src/age/secret-key.js";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { sopsBackend } from "../../src/backends/sops.js";
import { isSecretsError } from "../../src/errors.js";
import { isolatedContext } from "./context.js";
import { toolsDirectory } from "./gopass.js";

/** Part of every value that must not appear where it was not asked for. */
export const canary = "canary-71c2";

/** A user with an age key of his own, and a directory for his files. */
export interface SopsUser {
  readonly directory: string;
  readonly keyFile: string;
  readonly recipient: string;
  /** Everything sops and this program need to act as this user. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The `sops` to test with: that of `.tools/bin`, else the one on PATH, else `undefined`. */
export function findSops(): string | undefined {
  const found = [toolsDirectory, ...(process.env["PATH"] ?? "").split(delimiter)]
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, "sops"))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  if (found === undefined && process.env["CI"] !== undefined) {
    throw new Error("sops is missing: run `node scripts/install-tools.mjs`");
  }
  return found;
}

/** A user for one test, gone after it. The `.sops.yaml` in his directory encrypts for him. */
export async function sopsUser(rules?: (recipient: string) => string): Promise<SopsUser> {
  const directory = mkdtempSync(join(tmpdir(), "mxm-sops-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return makeUser(directory, rules);
}

/** As {@link sopsUser}, in a directory that the caller removes. */
export async function makeUser(directory: string, rules?: (recipient: string) => string): Promise<SopsUser> {
  const secret = randomBytes(32);
  const recipient = (await identityOf({ kind: "x25519", secret }).recipient()) ?? "";
  const keyFile = join(directory, "keys.txt");
  mkdirSync(directory, { recursive: true });
  writeFileSync(keyFile, `# ${recipient}\n${encodeSecretKey("x25519", secret)}\n`, { mode: 0o600 });
  writeFileSync(join(directory, ".sops.yaml"), rules?.(recipient) ?? `creation_rules:\n  - age: ${recipient}\n`);
  const environment = {
    PATH: [toolsDirectory, process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    HOME: directory,
    SOPS_AGE_KEY_FILE: keyFile,
    SOPS_DISABLE_VERSION_CHECK: "true",
  };
  return { directory, keyFile, recipient, environment };
}

/** Opens a file of this user's as a store. */
export function openSops(
  user: Pick<SopsUser, "directory" | "environment">,
  file: string,
  options: Readonly<Record<string, unknown>> = {},
  context: Partial<BackendContext> = {},
): Backend {
  const { directory, environment } = user;
  return sopsBackend.open(
    { name: "team", options: { path: file, ...options } },
    isolatedContext({ baseDirectory: directory, environment, now: Date.now, ...context }),
  );
}

export const read = async (backend: Backend, path: string): Promise<string | undefined> => {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
};

export const write = async (
  backend: Backend,
  path: string,
  value: string | Uint8Array,
  warn?: (line: string) => void,
) =>
  backend.write?.(issueGrantForContract(path, "write"), typeof value === "string" ? Buffer.from(value) : value, {
    warn,
  });

export const remove = async (backend: Backend, path: string) =>
  backend.delete?.(issueGrantForContract(path, "write"), {});

/** The error of this package that a promise is rejected with; it shows no value. */
export const failure = async (work: Promise<unknown> | undefined) => {
  const thrown: unknown = await (work ?? Promise.resolve()).then(
    (value) => new Error(`resolved with ${typeof value}`),
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  expect(`${thrown.message} ${thrown.hint ?? ""}`).not.toContain(canary);
  return thrown;
};

/** Runs sops as a user. @throws Error with its own words when it fails */
export function runSops(
  user: Pick<SopsUser, "directory" | "environment">,
  sops: string,
  argv: readonly string[],
  input = "",
): Buffer {
  const { status, stdout, stderr, error } = spawnSync(sops, argv, {
    cwd: user.directory,
    env: user.environment,
    input,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`sops ${argv.join(" ")}: exit ${status}\n${stderr.toString()}`);
  return stdout;
}
