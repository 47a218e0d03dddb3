import { resolve } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { UnavailableError } from "../../src/errors.js";
import { cacheDirectory, stateDirectory } from "../../src/files/user-directories.js";
import { getSecret } from "../../src/resolution/one-call.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";

afterEach(() => vi.restoreAllMocks());

it("prefers our own variable, then XDG, then the home directory", () => {
  const all = { MXM_SECRETS_STATE: "/own", XDG_STATE_HOME: "/xdg", HOME: "/home/me" };
  expect(stateDirectory(all)).toBe("/own");
  expect(stateDirectory({ ...all, MXM_SECRETS_STATE: "" })).toBe("/xdg/mxm-secrets");
  expect(stateDirectory({ HOME: "/home/me" })).toBe("/home/me/.local/state/mxm-secrets");
  expect(cacheDirectory({ MXM_SECRETS_CACHE: "/own" })).toBe("/own");
  expect(cacheDirectory({ XDG_CACHE_HOME: "/xdg" })).toBe("/xdg/mxm-secrets");
  expect(cacheDirectory({ HOME: "/home/me" })).toBe("/home/me/.cache/mxm-secrets");
});

it("ignores a relative XDG directory, and needs no HOME", () => {
  expect(stateDirectory({ XDG_STATE_HOME: "state", HOME: "/home/me" })).toBe("/home/me/.local/state/mxm-secrets");
  expect(stateDirectory({})).toMatch(/^\/.*mxm-secrets$/);
});

it("takes a relative directory of our own from the working directory", () => {
  expect(stateDirectory({ MXM_SECRETS_STATE: "state" })).toBe(resolve("state"));
  expect(cacheDirectory({ MXM_SECRETS_CACHE: "cache" })).toBe(resolve("cache"));
});

it("says so of a user without a home, in the library too; there is no cache then", async () => {
  vi.spyOn(process.getBuiltinModule("node:os"), "userInfo").mockImplementation(() => {
    throw new Error("ENOENT: no such user");
  });
  expect(() => stateDirectory({})).toThrow(UnavailableError);
  expect(cacheDirectory({})).toBeUndefined();
  const data = { stores: {}, refs: {}, policies: {} };
  expect(() => SecretsApi.fromConfigData(data, { environment: {} })).toThrow(/this user has no home directory/);
  await expect(getSecret("prod/token", { environment: {} })).rejects.toThrow(UnavailableError);
  const environment = { MXM_SECRETS_STATE: "/state" };
  expect(() => SecretsApi.fromConfigData(data, { environment })).not.toThrow();
});
