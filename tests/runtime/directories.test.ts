import { expect, it } from "vitest";
import { cacheDirectory, stateDirectory } from "../../src/runtime/directories.js";

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
