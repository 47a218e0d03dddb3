import { expect, test } from "vitest";
import { gpgEnvironment, terminalName } from "../../src/gpg/environment.js";

test("gpg gets where keys, agents and terminals are, in English, and nothing else", () => {
  const environment = {
    HOME: "/h",
    GNUPGHOME: "/g",
    GPG_TTY: "/dev/pts/1",
    LANG: "de_DE",
    SECRET: "x",
    PATH: undefined,
  };
  expect(gpgEnvironment(environment)).toEqual({ HOME: "/h", GNUPGHOME: "/g", GPG_TTY: "/dev/pts/1", LC_ALL: "C" });
});

test("the terminal is one of this process's own, or none", () => {
  expect(terminalName() ?? "/dev/pts/0").toMatch(/^\/dev\/(?:pts\/|tty)\d+$/);
});
