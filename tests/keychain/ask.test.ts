import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { readEntries, writeEntry } from "../../src/keychain/client.js";
import { canary, failure } from "../support/keychain-backend.js";
import { scratchDirectory } from "../support/directory.js";

/** The file that stands in for the package; none: it is not installed. */
const installed = vi.hoisted(() => ({ file: undefined as string | undefined }));

vi.mock("node:module", async (original) => ({
  ...(await original<object>()),
  createRequire: () => ({
    resolve: (name: string) => {
      if (installed.file === undefined) throw new Error(`Cannot find module '${name}'`);
      return installed.file;
    },
  }),
}));

/** @param script - what the package does when it is loaded; `log(text)` writes to the file that is returned */
function standIn(script: string): string {
  const directory = scratchDirectory();
  const log = join(directory, "log");
  installed.file = join(directory, "binding.cjs");
  writeFileSync(log, "");
  writeFileSync(
    installed.file,
    `const log = (text) => require("node:fs").appendFileSync(${JSON.stringify(log)}, text + "\\n");\n${script}\n`,
  );
  return log;
}

const entry = (body: string) =>
  `module.exports = { Entry: class { constructor(...words) { this.words = words; } ${body} } };`;
const keychain = { keyring: "os" as const, service: "s", environment: {} };
const read = async (environment: Readonly<Record<string, string>> = {}) =>
  readEntries({ ...keychain, environment }, ["a", "b"], undefined);

describe("asking the keychain", () => {
  test("without the package says which one is missing", async () => {
    installed.file = undefined;
    const missing = {
      code: "unavailable",
      reason: "not_installed",
      message: expect.stringContaining("`@napi-rs/keyring`"),
    };
    expect(await failure(read())).toMatchObject(missing);
    standIn(`throw new Error("Cannot find native binding. ${canary}")`);
    expect(await failure(read())).toMatchObject(missing);
  });

  test("names one store to the package, so that it does not fall back to another", async () => {
    const log = standIn(entry("getSecret() { log(JSON.stringify(this.words)); return null; }"));
    expect(await read()).toEqual([undefined, undefined]);
    expect(readFileSync(log, "utf8").trim().split("\n")).toEqual(
      ["a", "b"].map((account) => JSON.stringify(["s", account, { linux: { store: "secret-service" } }])),
    );
  });

  test("stops at the first failure, and tells which entry it was", async () => {
    const log = standIn(
      entry(`getSecret() { log(this.words[1]); throw new Error("Entry is matched by 2 credentials: ${canary}"); }`),
    );
    expect(await failure(read())).toMatchObject({ code: "integrity", message: expect.stringContaining("`a`") });
    expect(readFileSync(log, "utf8")).toBe("a\n");
  });

  test("gives the program no variable that changes Node, and none of ours", async () => {
    const log = standIn(entry("getSecret() { log(Object.keys(process.env).join()); return null; }"));
    const environment = { HOME: "/h", NODE_OPTIONS: "--bad", MXM_ROLE: "x", OPENAI_API_KEY: canary, DISPLAY: ":0" };
    await read(environment);
    const names = new Set(readFileSync(log, "utf8").trim().split(/[\n,]/));
    expect([...names].filter((name) => name !== "_" && name !== "PWD" && name !== "SHLVL").toSorted()).toEqual([
      "DISPLAY",
      "HOME",
    ]);
  });

  test("passes the value by standard input, never as an argument", async () => {
    const log = standIn(
      entry(
        "setSecret(value) { log(JSON.stringify([...process.argv, ...process.execArgv]) + ' ' + Buffer.from(value)); }",
      ),
    );
    await writeEntry(keychain, "a", Buffer.from(canary), undefined);
    const [argv, value] = readFileSync(log, "utf8")
      .trim()
      .split(/ (?=\S+$)/);
    expect(value).toBe(canary);
    expect(argv).not.toContain(canary);
    expect(argv).not.toContain(Buffer.from(canary).toString("base64"));
  });

  test("starts at most two programs at once, however many calls there are", async () => {
    const log = standIn(
      entry(
        "getSecret() { log('+'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); log('-'); return [1]; }",
      ),
    );
    const read12 = Array.from({ length: 12 }, (_, index) => readEntries(keychain, [`a${index}`], undefined));
    expect(await Promise.all(read12)).toEqual(read12.map(() => [Buffer.of(1)]));
    let running = 0;
    const marks = readFileSync(log, "utf8").trim().split("\n");
    const peak = Math.max(...marks.map((mark) => (running += mark === "+" ? 1 : -1)));
    expect(marks).toHaveLength(24);
    expect(peak).toBeLessThanOrEqual(2);
  });

  test("survives a native part that crashes or prints something", async () => {
    standIn("process.exit(3)");
    expect(await failure(read())).toMatchObject({ code: "unavailable", reason: "unreachable" });
    standIn(`process.stdout.write("${canary}"); ${entry("getSecret() { return null; }")}`);
    expect(await failure(read())).toMatchObject({ code: "unavailable", reason: "unreachable" });
  });
});
