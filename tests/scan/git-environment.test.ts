import { expect, test } from "vitest";
import { gitCall, gitEnvironment } from "../../src/scan/git-environment.js";

test("git is told where things are, and nothing that makes it run or write", () => {
  const told = {
    HOME: "/home/you",
    PATH: "/bin",
    GIT_INDEX_FILE: ".git/next-index",
    GIT_CONFIG_KEY_0: "safe.directory",
  };
  const kept = {
    GIT_EXTERNAL_DIFF: "evil",
    GIT_PAGER: "evil",
    GIT_SSH_COMMAND: "evil",
    GIT_TRACE: "/home/you/trace",
    GIT_ALLOW_PROTOCOL: "ext",
    GIT_OPTIONAL_LOCKS: "1",
    MXM_ROLE: "developer",
    TOKEN: "value",
  };
  const environment = gitEnvironment({ ...told, ...kept, GIT_DIR: undefined });
  expect(environment).toMatchObject({ ...told, GIT_ALLOW_PROTOCOL: "none", GIT_OPTIONAL_LOCKS: "0" });
  expect(Object.values(environment)).not.toContain("evil");
  for (const name of ["GIT_TRACE", "MXM_ROLE", "TOKEN", "GIT_DIR"]) expect(environment).not.toHaveProperty(name);
});

test("git is not looked for in the repository it reads", () => {
  expect(gitEnvironment({ PATH: ".:/bin::tools" })).toMatchObject({ PATH: "/bin" });
});

test("a monitor, hooks and a pager are off in every call", () => {
  const words = gitCall("/project", ["ls-files"]).join(" ");
  expect(words).toMatch(
    /^git -C \/project --no-pager .*-c core\.fsmonitor=false -c core\.hooksPath=\/dev\/null ls-files$/,
  );
});
