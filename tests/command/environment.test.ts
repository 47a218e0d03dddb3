import { expect, test } from "vitest";
import { commandEnvironment } from "../../src/command/environment.js";

test("a program gets where programs and files are, what is named, and nothing else", () => {
  const environment = {
    PATH: "/bin",
    HOME: "/home/you",
    AWS_PROFILE: "prod",
    OTHER: "x",
    MXM_ROLE: "x",
    MXM_SECRETS_PASSPHRASE: "canary",
    UNSET: undefined,
  };
  const passed = ["AWS_PROFILE", "UNSET", "NOT_THERE", "MXM_ROLE"];
  expect(commandEnvironment(environment, passed, (name) => name.startsWith("MXM_"))).toEqual({
    PATH: "/bin",
    HOME: "/home/you",
    AWS_PROFILE: "prod",
  });
});
