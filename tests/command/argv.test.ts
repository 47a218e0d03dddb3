import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argvFault, fillArguments } from "../../src/command/argv.js";

describe("placeholders", () => {
  test("are filled in wherever they stand, and each argument stays one", () => {
    const argv = ["op", "read", "op://{store}/{path}", "{path}", "{path}{path}"] as const;
    expect(fillArguments([...argv], { path: "a b/$(id)", store: "red" })).toEqual([
      "op",
      "read",
      "op://red/a b/$(id)",
      "a b/$(id)",
      "a b/$(id)a b/$(id)",
    ]);
  });

  test("are not looked for in what was put in, and other braces and `$` patterns mean nothing", () => {
    const filled = fillArguments(["p", "{path}", "{ path }", "{id}", "{{path}}"], { path: "{store}$&$1", store: "s" });
    expect(filled).toEqual(["p", "{store}$&$1", "{ path }", "{id}", "{{store}$&$1}"]);
  });

  test("leave the number of arguments and all others as they were", () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom("{path}", "a{path}", "{store}", "{", "}{")));
    fc.assert(
      fc.property(words, fc.string(), fc.string(), (rest, path, store) => {
        const filled = fillArguments(["program", ...rest], { path, store });
        expect(filled).toHaveLength(rest.length + 1);
        expect(filled[0]).toBe("program");
        for (const [index, word] of rest.entries()) {
          const expected = word.split("{path}").map((part) => part.split("{store}").join(store));
          expect(filled[index + 1]).toBe(expected.join(path));
        }
      }),
    );
  });
});

describe("the arguments of a configuration", () => {
  test.each([
    [["op", "read", "op://vault/{path}"]],
    [["sh", "-c", 'cat "$1"', "sh", "{path}"]],
    [["python3", "tools/read.py", "{path}"]],
    [["python3", "-u", "tools/read.py", "--name={path}"]],
    [["env", "A=1", "bash", "-ec", 'x "$1"', "bash", "{path}"]],
    [["kubectl", "get", "node", "{path}"]],
    [["tools/read.sh", "{path}"]],
    [["jq", "-r", "{a}"]],
    [["awk", "-F:", "-v", "name={path}", "$1 == name { print $2 }", "values"]],
    [["sed", "-n", "1p", "values/{path}"]],
    [["timeout", "-k", "5", "10s", "op", "read", "{path}"]],
    [["sudo", "-u", "vault", "kubectl", "get", "node", "{path}"]],
    [["sudo", "-n", "sh", "-c", 'x "$1"', "sh", "{path}"]],
    [["env", "NAME={path}", "op", "read", "name"]],
    [["env"]],
  ])("may be %j", (argv) => {
    expect(argvFault(argv)).toBeUndefined();
  });

  test.each([
    [["sh", "-c", "cat {path}"]],
    [["/bin/bash", "-lc", "cat {path}", "{path}"]],
    [["zsh", "-ec", "{path}"]],
    [["python3.11", "-c", "print('{path}')"]],
    [["python3", "{path}"]],
    [["python3", "-u", "tools/{path}"]],
    [["node", "-pe", "'{path}'"]],
    [["node", "--eval={path}"]],
    [["perl", "-e", "{path}"]],
    [["env", "sh", "-c", "cat {path}"]],
    [["sudo", "-u", "vault", "bash", "-c", "cat {path}"]],
    [["CMD.EXE", "/c", "type {path}"]],
    [["perl", "-e", "1;", "-e", "{path}"]],
    [["awk", '$1 == "{path}" { print $2 }', "values"]],
    [["gawk", "-F", ":", '$1 == "{path}" { print $2 }', "values"]],
    [["sed", "-n", "s/^{path}=//p", "values"]],
    [["sed", "-n", "-e", "s/^{path}=//p", "values"]],
    [["timeout", "5", "ssh", "vault", "cat", "{path}"]],
    [["nice", "-n", "5", "sudo", "sh", "-c", "cat {path}"]],
    [["ssh", "vault", "cat", "{path}"]],
  ])("never have the path of a secret in code: %j", (argv) => {
    expect(argvFault(argv)).toMatch(/^expected no `\{path\}` in /);
  });

  test.each([
    [[], /^expected a program/],
    [[""], /^expected a program/],
    [["{path}"], /^expected no placeholder in the program$/],
    [["./{store}/x"], /^expected no placeholder in the program$/],
    [["nohup", "{path}"], /^expected no placeholder in the program$/],
    [["timeout", "5", "tools/{path}"], /^expected no placeholder in the program$/],
    [["sudo", "-u", "vault", "nice", "{path}"], /^expected no placeholder in the program$/],
    [["env", "-S", "{path}"], /^expected no `\{path\}` among the options of `env`$/],
    [["sudo", "-u", "{path}", "op", "read"], /^expected no `\{path\}` among the options of `sudo`$/],
    [["a", "b\0"], /NUL/],
  ])("are refused as %j", (argv, message) => {
    expect(argvFault(argv)).toMatch(message);
  });
});
