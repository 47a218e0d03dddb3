import { expect } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import type { Backend } from "../../src/backends/contract.js";
import { keychainBackend } from "../../src/backends/keychain.js";
import { isSecretsError } from "../../src/errors.js";
import { isolatedContext } from "./context.js";

/** Part of every value that must not appear where it was not asked for. */
export const canary = "canary-of-the-keychain";

export const bytes = (value: string) => new TextEncoder().encode(value);

export const open = (
  environment: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>> = {},
): Backend => keychainBackend.open({ name: "desk", options }, isolatedContext({ environment }));

export const read = async (backend: Backend, path: string) => backend.read(issueGrantForContract(path, "read"), {});

export const text = async (backend: Backend, path: string) => {
  const value = await read(backend, path);
  return value === undefined ? undefined : Buffer.from(value).toString();
};

export const write = async (backend: Backend, path: string, value: Uint8Array) =>
  backend.write?.(issueGrantForContract(path, "write"), value, {});

export const remove = async (backend: Backend, path: string) =>
  backend.delete?.(issueGrantForContract(path, "write"), {});

export const check = async (backend: Backend, paths: readonly string[]) => {
  const report = await backend.check?.(paths, {}, new Map());
  if (report === undefined) throw new Error("the backend has a check");
  expect(JSON.stringify(report)).not.toContain(canary);
  return report;
};

/** The error of this package that some work ends with; it shows no value. */
export const failure = async (work: Promise<unknown>) => {
  const thrown = await work.then(
    (value) => new Error(`resolved with ${typeof value}`),
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  expect(`${thrown.message} ${thrown.hint ?? ""} ${thrown.stack ?? ""}`).not.toContain(canary);
  return thrown;
};
