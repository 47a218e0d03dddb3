import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { issueGrantForContract } from "../../src/authorization/authorize.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { Backend, BackendContext } from "../../src/backends/contract.js";
import { dotenvBackend } from "../../src/backends/dotenv.js";
import { UnavailableError } from "../../src/errors.js";
import { isolatedContext } from "../support/context.js";
import { scratchDirectory } from "../support/directory.js";

const bytes = (value: string) => new TextEncoder().encode(value);

function storeWith(content: string, mode = 0o600, changes: Partial<BackendContext> = {}) {
  const baseDirectory = scratchDirectory();
  const file = join(baseDirectory, ".env");
  writeFileSync(file, content);
  chmodSync(file, mode);
  const backend = dotenvBackend.open({ name: "local", options: {} }, isolatedContext({ baseDirectory, ...changes }));
  return { backend, file, baseDirectory };
}

function contractStore(content: string, mode = 0o600) {
  const { baseDirectory } = storeWith(content, mode);
  return { options: {}, context: { baseDirectory } };
}

async function read(backend: Backend, path: string): Promise<string | undefined> {
  const value = await backend.read(issueGrantForContract(path, "read"), {});
  return value === undefined ? undefined : new TextDecoder().decode(value);
}

describe("the dotenv backend keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: dotenvBackend,
    store: () => {
      const baseDirectory = scratchDirectory();
      return {
        options: { path: "app.env" },
        context: { baseDirectory },
        seed: (values) => {
          const lines = [...values].map(
            ([path, value]) => `${path}=${JSON.stringify(new TextDecoder().decode(value))}\n`,
          );
          writeFileSync(join(baseDirectory, "app.env"), lines.join(""), { mode: 0o600 });
        },
      };
    },
    values: [bytes("plain"), bytes(""), bytes("one\ntwo\n"), bytes("snowman ☃ 𝄞")],
    states: {
      denied: "who may not read the file finds it unavailable, by the system's own word",
      locked: "the file is plain text and needs no key",
      unavailable: () => contractStore(`alpha=${hiddenValue}\n`, 0o644),
      corrupt: () => contractStore(`alpha="${hiddenValue}\n`),
    },
    names: {
      held: ["a", "A_B.c-d", "2fa", "_", "-", "x".repeat(1024)],
      refused: ["", "/a", "a/../b", "x".repeat(1025)],
    },
    slow: "a regular file is read without waiting, and nothing else is opened",
    concurrency: "a read is over before the next can begin",
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the dotenv backend", () => {
  test("takes the key of the same spelling first, then the variable the path maps to", async () => {
    const { backend } = storeWith("api_key=exact\nAPI_KEY=mapped\nPROD_SMTP_PASSWORD=smtp\n");
    expect(await read(backend, "api_key")).toBe("exact");
    expect(await read(backend, "api.key")).toBe("mapped");
    expect(await read(backend, "prod/smtp-password")).toBe("smtp");
    expect(await read(backend, "constructor")).toBeUndefined();
  });

  test("reads the unquoted JSON that real env files carry", async () => {
    const { backend } = storeWith(`MACHINA_MCP_TOKENS_JSON={"4f9a": "client one"}\n`);
    expect(await read(backend, "machina_mcp_tokens_json")).toBe(`{"4f9a": "client one"}`);
  });

  test("says that there is no file, so that a chain goes on", async () => {
    const backend = dotenvBackend.open(
      { name: "local", options: { path: "none.env" } },
      isolatedContext({ baseDirectory: scratchDirectory() }),
    );
    await expect(read(backend, "a")).rejects.toMatchObject({ code: "unavailable", reason: "not_initialised" });
    await expect(read(backend, "a")).rejects.toThrow(/there is no file `.*none\.env`/);
  });

  test.each([0o644, 0o640, 0o604, 0o660])("refuses a file of mode %o with the chmod to run", async (mode) => {
    const { backend, file } = storeWith("A=canary", mode);
    const attempt = read(backend, "a");
    await expect(attempt).rejects.toThrow(UnavailableError);
    await expect(attempt).rejects.toMatchObject({
      reason: "unreachable",
      hint: `run \`chmod 600 ${file}\`, or give \`--allow-insecure-permissions\``,
    });
  });

  test("reads such a file when the user says so, and check still warns", async () => {
    const { backend, file } = storeWith("A=1", 0o644, { allowInsecurePermissions: true });
    expect(await read(backend, "a")).toBe("1");
    expect((await backend.check?.(["a"], {}, new Map()))?.findings).toEqual([
      {
        severity: "warning",
        message: `\`${file}\` is open to the group or to others (mode 0644)`,
        hint: `run \`chmod 600 ${file}\``,
      },
    ]);
  });

  test("refuses a directory and a named pipe at once, without waiting for a writer", async () => {
    const baseDirectory = scratchDirectory();
    mkdirSync(join(baseDirectory, "directory"));
    execFileSync("mkfifo", ["-m", "600", join(baseDirectory, "pipe")]);
    for (const path of ["directory", "pipe"]) {
      for (const allowInsecurePermissions of [false, true]) {
        const context = isolatedContext({ baseDirectory, allowInsecurePermissions });
        const backend = dotenvBackend.open({ name: "local", options: { path } }, context);
        await expect(read(backend, "a")).rejects.toThrow(/is not a regular file/);
      }
    }
  });

  test.runIf(process.platform === "linux").each([false, true])(
    "refuses what the system shows as files, also through links (insecure: %s)",
    async (allowInsecurePermissions) => {
      const baseDirectory = scratchDirectory();
      symlinkSync("/proc/self", join(baseDirectory, "link"));
      const context = isolatedContext({ baseDirectory, allowInsecurePermissions });
      for (const path of ["/proc/self/environ", "link/environ", "/dev/null", "/dev/stdin", "/sys/kernel/mm/ksm/run"]) {
        const backend = dotenvBackend.open({ name: "local", options: { path } }, context);
        await expect(read(backend, "path")).rejects.toThrow(/is not a regular file|there is no file/);
      }
    },
  );

  test("refuses a file that is too long, in words and without reading all of it", async () => {
    const { backend, file } = storeWith("A=1");
    truncateSync(file, 5 * 1024 ** 3);
    await expect(read(backend, "a")).rejects.toThrow(`\`${file}\` is longer than 67108864 bytes`);
  });

  test("reports a faulty file with its line, and presence as unknown", async () => {
    const { backend, file } = storeWith("A=1\ncanary");
    expect(await backend.check?.(["a"], {}, new Map())).toEqual({
      findings: [
        {
          severity: "problem",
          message: `\`${file}\` line 2: expected \`NAME=value\`, found no \`=\``,
          code: "integrity",
        },
      ],
      presence: new Map([["a", "unknown"]]),
    });
  });

  test("warns of placeholders and of a `#` others cut at, naming the key and never the value", async () => {
    const { backend } = storeWith("A=your-canary-here\nB=p4ss#canary\nC=canary\n");
    const report = await backend.check?.(["a", "c", "d"], {}, new Map());
    expect(report?.findings.map(({ severity, message }) => [severity, message.replace(/^.* line/, "line")])).toEqual([
      ["warning", "line 1: `A` looks like a placeholder"],
      ["warning", "line 2: `B` has a `#` without quotes, which other programs take for a comment"],
    ]);
    expect(report?.presence).toEqual(
      new Map([
        ["a", "present"],
        ["c", "present"],
        ["d", "absent"],
      ]),
    );
    expect(JSON.stringify(report?.findings)).not.toContain("canary");
  });

  test("lists the keys that are paths", async () => {
    const { backend } = storeWith("B=1\nA=2\n..=3\n");
    expect(await backend.list?.({})).toEqual(["A", "B"]);
  });

  test("refuses a path option that is no path", () => {
    expect(() => dotenvBackend.open({ name: "local", options: { path: 5 } }, isolatedContext())).toThrow(
      /stores\.local\.path: expected the path of a file/,
    );
  });
});
