import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { commandBackend } from "../../src/backends/command.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { pathFault } from "../../src/domain/names.js";
import { isSecretsError } from "../../src/errors.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";
import { keeper, plainPath, standIn } from "../support/stand-in.js";
import { stuckProgram } from "../support/watched-program.js";

const canary = "canary-6a1e";
const environment = { PATH: plainPath };
const text = (value: string) => new TextEncoder().encode(value);

function open(
  options: Readonly<Record<string, unknown>>,
  changes: Partial<BackendContext> = {},
  baseDirectory = scratchDirectory(),
): Backend {
  return commandBackend.open({ name: "vault", options }, isolatedContext({ baseDirectory, environment, ...changes }));
}

async function read(backend: Backend, path = "db/password"): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
}

async function failure(work: Promise<unknown>) {
  const thrown = await work.then(
    () => new Error("no error"),
    (error: unknown) => error,
  );
  if (!isSecretsError(thrown)) throw thrown;
  expect(inspect(thrown, { depth: 9 })).not.toContain(canary);
  return thrown;
}

/** A program of one shell script, with the arguments given. */
const script = (body: string, ...words: string[]) => {
  const { program } = standIn(scratchDirectory(), "program", `#!/bin/sh\n${body}\n`);
  return [program, ...words];
};

describe("the command backend keeps the contract of every backend", () => {
  const keep = (parts: Readonly<Record<string, unknown>> = {}) => {
    const directory = scratchDirectory();
    const { program } = standIn(directory, "keeper", keeper);
    const argv = [program, directory];
    const codes = { absent: 10, denied: 13, locked: 11, corrupt: [14, 15] };
    const options = { read: argv, write: argv, delete: argv, newline: "keep", exit_codes: codes, ...parts };
    return { directory, options, context: { environment, baseDirectory: directory } };
  };
  const failing = (code: number) => async () => {
    const store = keep();
    const backend = commandBackend.open({ name: "under_test", options: store.options }, isolatedContext(store.context));
    await backend.write?.(issueGrantForContract("alpha", "write"), text(hiddenValue), {});
    writeFileSync(join(store.directory, "fails"), String(code));
    return store;
  };
  const marks = (directory: string) => readFileSync(join(directory, "log"), "utf8").split("\n").filter(Boolean);

  const cases = backendContract({
    definition: commandBackend,
    store: () => keep(),
    states: { denied: failing(13), locked: failing(11), unavailable: failing(1), corrupt: failing(15) },
    names: {
      held: ["a", "a-b/--c", "a b", "$(id)", "`id`; rm", "{path}", "ключ", "☃", '"', "%s", "x".repeat(1024)],
      refused: ["-rf", "--help", "", "/a", "a/../b", "file://etc/passwd", "a\0b", "x".repeat(1025)],
    },
    slow: () => {
      const base = scratchDirectory();
      const stuck = stuckProgram(base, "stuck");
      return {
        options: { read: [stuck.program] },
        context: { environment, baseDirectory: base },
        waiting: stuck.waiting,
        left: stuck.left,
      };
    },
    concurrency: {
      most: 4,
      store: () => {
        const store = keep();
        writeFileSync(join(store.directory, "slow"), "");
        return {
          ...store,
          peak: () => {
            let running = 0;
            return Math.max(0, ...marks(store.directory).map((mark) => (running += mark === "+" ? 1 : -1)));
          },
        };
      },
    },
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", { timeout: 60_000 }, async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the command backend", () => {
  test("gives what a program prints, less the newline after a single line", async () => {
    expect(await read(open({ read: script("echo hunter2") }))).toBe("hunter2");
    expect(await read(open({ read: script("printf 'a\\nb\\n'") }))).toBe("a\nb\n");
    expect(await read(open({ read: script("printf 'a\\nb\\n\\n'"), newline: "strip_one" }))).toBe("a\nb\n");
    expect(await read(open({ read: script("echo hunter2"), newline: "keep" }))).toBe("hunter2\n");
    expect(await read(open({ read: script("printf '\\000\\377\\n'") }))).toBe("\0\xff\n");
    expect(await read(open({ read: script(":") }))).toBe("");
  });

  test("gives the path as one argument that no shell reads", async () => {
    const show = script(`for word; do printf '[%s]' "$word"; done`, "get", "op://v/{path}", "{path}", "{store}");
    const path = "a b/$(touch pwned);`id`'\"*&|<>\\".replaceAll("\\", "");
    const base = scratchDirectory();
    expect(await read(open({ read: show }, {}, base), path)).toBe(`[get][op://v/${path}][${path}][vault]`);
    expect(existsSync(join(base, "pwned"))).toBe(false);
  });

  test("gives the request on standard input, and with `input: value` nothing", async () => {
    expect(await read(open({ read: script("cat") }))).toBe(
      '{"version":1,"action":"read","path":"db/password","store":"vault"}',
    );
    expect(await read(open({ read: script("cat"), input: "value" }))).toBe("");
  });

  test("with `input: value`, a value to write is all there is on standard input, and never an argument", async () => {
    const base = scratchDirectory();
    const put = script('cat >"$1"; tr "\\0" " " </proc/$$/cmdline >arguments; env >variables', "stored-{path}");
    const backend = open({ read: ["true"], write: put, input: "value" }, {}, base);
    await backend.write?.(issueGrantForContract("x", "write"), text(`${canary}\n`), {});
    expect(readFileSync(join(base, "stored-x"), "utf8")).toBe(`${canary}\n`);
    const seen = readFileSync(join(base, "arguments"), "utf8") + readFileSync(join(base, "variables"), "utf8");
    expect(seen).toContain("stored-x");
    expect(seen).not.toContain(canary);
  });

  test("takes no exit code for absence that is not configured to mean it", async () => {
    for (const code of [1, 2, 10, 126, 127, 255]) {
      const error = await failure(read(open({ read: script(`echo ${canary}; exit ${code}`) })));
      expect(error).toMatchObject({ code: "unavailable", reason: "unreachable" });
      expect(error.message).toMatch(new RegExp(`asked to read \`db/password\`, ended with exit code ${code}$`));
    }
  });

  test.each([
    ["denied", { code: "denied", exitCode: 3 }],
    ["locked", { code: "locked", exitCode: 5 }],
    ["not_initialised", { code: "unavailable", reason: "not_initialised", exitCode: 4 }],
    ["corrupt", { code: "integrity", exitCode: 6 }],
  ])("takes a configured exit code for %s", async (outcome, expected) => {
    const program = script(`echo ${canary}; echo ${canary} >&2; exit 7`);
    const error = await failure(read(open({ read: program, exit_codes: { [outcome]: [7] } })));
    expect(error).toMatchObject(expected);
  });

  test("takes a configured exit code for absence, whatever was printed", async () => {
    const backend = open({ read: script(`echo ${canary}; exit 7`), exit_codes: { absent: 7 } });
    expect(await read(backend)).toBeUndefined();
  });

  test("gives every path a store may hold to the program as it is, by argument and by request", async () => {
    const backend = open({ read: script(`read -r line; printf '%s\\n%s' "$1" "$line"`, "{path}"), newline: "keep" });
    const paths = fc.string({ unit: fc.oneof(fc.constantFrom(..."-'\"$`;&|*{}%! "), fc.string({ unit: "grapheme" })) });
    const isHeld = (path: string) => pathFault(path) === undefined && commandBackend.paths.fault(path) === undefined;
    const property = fc.asyncProperty(paths.filter(isHeld), async (path) => {
      const value = await backend.read(issueGrantForContract(path, "read"), {});
      const request = JSON.stringify({ version: 1, action: "read", path, store: "vault" });
      expect(value && Buffer.from(value).toString()).toBe(`${path}\n${request}`);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  test("is not installed without its program, and says where it is configured", async () => {
    const error = await failure(read(open({ read: ["no-such-program-here"] })));
    expect(error).toMatchObject({
      code: "unavailable",
      reason: "not_installed",
      hint: "install it, or correct the programs of store `vault`",
    });
  });

  test("does not take a directory that is gone for a program that is not there", async () => {
    const error = await failure(read(open({ read: script(":") }, { baseDirectory: join(scratchDirectory(), "gone") })));
    expect(error).toMatchObject({ code: "unavailable", reason: "unreachable" });
  });

  test("ends a program that is too slow or prints too much", async () => {
    const error = await failure(read(open({ read: script("exec sleep 1000000"), timeout: 0.2 })));
    expect(error).toMatchObject({ code: "unavailable", message: /gave no answer in 0\.2 s$/ });
    const endless = await failure(read(open({ read: script(`exec yes ${canary}`) })));
    expect(endless).toMatchObject({ code: "unavailable", message: /printed more than \d+ bytes$/ });
  });

  test("a signal ends a program and what it started", async () => {
    const base = scratchDirectory();
    const controller = new AbortController();
    const backend = open({ read: script("sleep 1000000 & echo $! >started; mv started child; wait") }, {}, base);
    const grant = issueGrantForContract("a", "read");
    const reading = failure(backend.read(grant, { signal: controller.signal }));
    await expect.poll(() => existsSync(join(base, "child")), { timeout: 50_000 }).toBe(true);
    controller.abort();
    expect(await reading).toMatchObject({ code: "cancelled" });
    const child = Number(readFileSync(join(base, "child"), "utf8"));
    await expect.poll(() => isRunning(child), { timeout: 50_000 }).toBe(false);
  });

  test("runs in the directory of the configuration, where relative programs are found too", async () => {
    const base = scratchDirectory();
    mkdirSync(join(base, "tools"));
    const { program } = standIn(join(base, "tools"), "get", "#!/bin/sh\npwd\n");
    const below = program.slice(base.length + 1);
    expect(await read(open({ read: [`./${below}`] }, {}, base))).toBe(base);
  });

  test("gives a program no variable of ours and none that is not named", async () => {
    const surroundings = { ...environment, HOME: "/h", MXM_ROLE: canary, VAULT_KEY: canary, TOKEN: "t", OTHER: canary };
    const isOwnVariable = (name: string) => name === "VAULT_KEY";
    const backend = open({ read: script("env"), environment: ["TOKEN"] }, { environment: surroundings, isOwnVariable });
    const seen = await read(backend);
    expect(seen).toContain("TOKEN=t");
    expect(seen).toContain("HOME=/h");
    expect(seen).not.toContain(canary);
    for (const own of ["MXM_ROLE", "mxm_role", "VAULT_KEY"]) {
      expect(() => open({ read: ["true"], environment: [own] }, { isOwnVariable })).toThrow(
        /stores\.vault\.environment: the variable .* is this program's own/,
      );
    }
  });

  test("reads each path of a batch once", async () => {
    const base = scratchDirectory();
    const backend = open({ read: script('echo "$1" >>log; echo "$1"', "{path}") }, {}, base);
    const grants = ["a", "b", "a"].map((path) => issueGrantForContract(path, "read"));
    const values = (await backend.readMany?.(grants, {})) ?? [];
    expect(values.map((value) => value && Buffer.from(value).toString())).toEqual(["a", "b", "a"]);
    expect(readFileSync(join(base, "log"), "utf8").split("\n").filter(Boolean).toSorted()).toEqual(["a", "b"]);
  });

  test("without programs to write and remove is read-only, and says which option is missing", async () => {
    const backend = open({ read: ["true"] });
    const grant = issueGrantForContract("a", "write");
    expect(await failure(backend.write?.(grant, text(canary), {}) ?? Promise.resolve())).toMatchObject({
      code: "unsupported",
      hint: "set stores.vault.write, or use the store's own tools",
    });
    expect(await failure(backend.delete?.(grant, {}) ?? Promise.resolve())).toMatchObject({ code: "unsupported" });
  });

  test("a program that writes only what is there already makes a write of the rest an error", async () => {
    const backend = open({ read: ["true"], write: script("cat >/dev/null; exit 10"), exit_codes: { absent: 10 } });
    const writing = backend.write?.(issueGrantForContract("a", "write"), text(canary), {});
    expect(await failure(writing ?? Promise.resolve())).toMatchObject({ code: "absent" });
  });

  test("check looks for the programs and runs none", async () => {
    const base = scratchDirectory();
    const spy = script("touch ran");
    expect(await open({ read: spy, write: ["sh"] }, {}, base).check?.(["a"], {}, new Map())).toEqual({
      findings: [],
      presence: new Map([["a", "unknown"]]),
    });
    const missing = open({ read: ["no-such-program-here"], write: ["./none"], delete: ["no-such-program-here"] });
    const report = await missing.check?.([], {}, new Map());
    expect(report?.findings).toMatchObject([
      { severity: "problem", code: "unavailable", unavailable: "not_installed", message: /no-such-program-here/ },
      { severity: "problem", unavailable: "not_installed", message: /\.\/none/ },
    ]);
    expect(existsSync(join(base, "ran"))).toBe(false);
  });

  test("check finds a program where a read would, and in no relative directory of PATH", async () => {
    const base = scratchDirectory();
    writeFileSync(join(base, "tool"), "#!/bin/sh\n", { mode: 0o755 });
    const found = async (path: string) => {
      const around = { environment: { PATH: path } };
      return (await open({ read: ["tool"] }, around).check?.([], {}, new Map()))?.findings.length === 0;
    };
    expect(await found(base)).toBe(true);
    expect(await found(relative(process.cwd(), base))).toBe(false);
  });

  test.each([
    [{}, /stores\.vault\.read: expected a program and its arguments/],
    [{ read: "op read" }, /stores\.vault\.read/],
    [{ read: ["sh", "-c", "cat {path}"] }, /stores\.vault\.read: expected no `\{path\}` in code/],
    [{ read: ["op"], write: [] }, /stores\.vault\.write/],
    [{ read: ["op"], delete: ["{path}"] }, /stores\.vault\.delete/],
    [{ read: ["op"], input: "json" }, /stores\.vault\.input: expected `request` or `value`/],
    [{ read: ["op"], newline: "no" }, /stores\.vault\.newline/],
    [{ read: ["op"], timeout: 0 }, /stores\.vault\.timeout: expected seconds/],
    [{ read: ["op"], timeout: 1e9 }, /stores\.vault\.timeout/],
    [{ read: ["op"], environment: "HOME" }, /stores\.vault\.environment/],
    [{ read: ["op"], environment: ["A=B"] }, /stores\.vault\.environment/],
    [{ read: ["op"], exit_codes: { absent: 0 } }, /stores\.vault\.exit_codes/],
    [{ read: ["op"], exit_codes: [10] }, /stores\.vault\.exit_codes: expected a mapping/],
  ])("refuses the options %j", (options, message) => {
    expect(() => open(options)).toThrow(message);
  });

  test("needs trust for everything that it runs", () => {
    const trusted = Object.entries(commandBackend.options).filter(([, row]) => "needsTrust" in row);
    expect(trusted.map(([name]) => name)).toEqual(["read", "write", "delete"]);
  });
});

/** An ended process that nobody has waited for still has its entry. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/^\d+ \(.*\) Z/.test(readFileSync(stat, "utf8"));
}
