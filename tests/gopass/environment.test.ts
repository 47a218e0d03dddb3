import { expect, test } from "vitest";
import { gopassEnvironment } from "../../src/gopass/environment.js";

function settingsOf(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: Number(environment["GOPASS_CONFIG_COUNT"]) }, (_, index) => [
      environment[`GOPASS_CONFIG_KEY_${index}`] ?? "",
      environment[`GOPASS_CONFIG_VALUE_${index}`] ?? "",
    ]),
  );
}

test("only what gopass, gpg and git need is passed on", () => {
  const passed = gopassEnvironment(
    {
      HOME: "/home/a",
      GNUPGHOME: "/g",
      GIT_AUTHOR_NAME: "a",
      OPENAI_API_KEY: "x",
      MXM_ROLE: "x",
      GOPASS_DEBUG_LOG: "/tmp/log",
      GOPASS_DEBUG_LOG_SECRETS: "true",
      LD_PRELOAD: "x",
      LC_ALL: "de_DE",
      PATH: undefined,
    },
    false,
  );
  expect(passed).toMatchObject({ HOME: "/home/a", GNUPGHOME: "/g", GIT_AUTHOR_NAME: "a", LC_ALL: "C" });
  for (const name of [
    "OPENAI_API_KEY",
    "MXM_ROLE",
    "GOPASS_DEBUG_LOG",
    "GOPASS_DEBUG_LOG_SECRETS",
    "LD_PRELOAD",
    "PATH",
  ]) {
    expect(passed).not.toHaveProperty(name);
  }
});

test("settings of the call win over the user's, and the user's others stay", () => {
  const user = {
    GOPASS_CONFIG_COUNT: "2",
    GOPASS_CONFIG_KEY_0: "core.autopush",
    GOPASS_CONFIG_VALUE_0: "true",
    GOPASS_CONFIG_KEY_1: "mounts.path",
    GOPASS_CONFIG_VALUE_1: "/store",
  };
  expect(settingsOf(gopassEnvironment(user, false))).toMatchObject({
    "core.autopush": "false",
    "core.autosync": "false",
    "mounts.path": "/store",
  });
  expect(settingsOf(gopassEnvironment(user, true))).toMatchObject({
    "core.autopush": "true",
    "show.autoclip": "false",
  });
  expect(settingsOf(gopassEnvironment({ GOPASS_CONFIG_COUNT: "nonsense" }, false))).toMatchObject({
    "show.safecontent": "false",
  });
});

test("gpg reports on descriptor 3, beside the options the user gives it", () => {
  expect(gopassEnvironment({}, false)["GOPASS_GPG_OPTS"]).toBe("--status-fd 3");
  expect(gopassEnvironment({ PASSWORD_STORE_GPG_OPTS: "--no-tty" }, false)["GOPASS_GPG_OPTS"]).toBe(
    "--no-tty --status-fd 3",
  );
  expect(gopassEnvironment({ GOPASS_GPG_OPTS: "-v", PASSWORD_STORE_GPG_OPTS: "-q" }, false)["GOPASS_GPG_OPTS"]).toBe(
    "-v --status-fd 3",
  );
});
