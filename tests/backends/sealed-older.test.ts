import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { sealedBackend } from "../../src/backends/sealed.js";
import type { BackendContext } from "../../src/backends/contract.js";
import { flipByte, scratchDirectory } from "../support/directory.js";
import { makeOlderStore, readOlderStore } from "../support/older-store.js";
import { makeTestStore, openTestBackend, put, take, testContext } from "../support/sealed-store.js";
import { stuckProgram, watchProgram } from "../support/watched-program.js";

function makeOlder(values: Readonly<Record<string, string>> = {}, overrides: Partial<BackendContext> = {}) {
  const directory = scratchDirectory();
  const repository = join(directory, "repository");
  mkdirSync(repository, { recursive: true });
  makeOlderStore(repository, values);
  const context = testContext(directory, overrides);
  return { directory: repository, file: join(repository, "secrets.enc"), context, backend: openTestBackend(context) };
}

describe("the sealed backend keeps the contract of every backend in the older format, too", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const cases = backendContract({
    definition: sealedBackend,
    store: () => ({ options: {}, context: makeOlder().context }),
    paths: ["ALPHA", "BETA", "GAMMA"],
    values: [text("plain"), text(""), text("one\ntwo\n"), text("snowman ☃ 𝄞"), text("\uFEFF\0\x7f")],
    states: {
      denied: "whoever has the one key reads everything",
      locked: () => contractStore(({ directory }) => rmSync(join(directory, ".key"))),
      unavailable: () => contractStore(({ file }) => rmSync(file)),
      corrupt: () => contractStore(({ file }) => flipByte(file, -20)),
    },
    names: {
      held: ["a", "b/c", "d-e.f", "2fa", "x".repeat(1024)],
      refused: ["with space", "ключ", "a//b", "a/../b", "x".repeat(1025)],
    },
    slow: () => {
      const { directory, context } = makeOlder();
      const { program, waiting, left } = stuckProgram(directory, "key");
      return { options: { key: { command: [program] } }, context, waiting, left };
    },
    concurrency: {
      most: 1,
      store: () => {
        const { directory, context } = makeOlder();
        const { program, peak } = watchProgram(directory, "key", "/bin/cat");
        return { options: { key: { command: [program, join(directory, ".key")] } }, context, peak };
      },
    },
  });
  it.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

function contractStore(spoil: (store: ReturnType<typeof makeOlder>) => void) {
  const store = makeOlder({ ALPHA: hiddenValue });
  spoil(store);
  return { options: {}, context: store.context };
}

describe("a store in the older format", () => {
  it("gives the value of a path under its older name", async () => {
    const { backend } = makeOlder({ PROD_SMTP_PASSWORD: "a" });
    expect(await take(backend, "prod/smtp-password")).toBe("a");
    expect(await take(backend, "prod/smtp")).toBeUndefined();
  });

  it("is written under its lock, keeps its permissions, and leaves nothing beside it", async () => {
    const { backend, directory, file } = makeOlder({ A: "a" });
    chmodSync(file, 0o640);
    writeFileSync(`${file}.0123456789ab.tmp`, "what a killed writer left");
    await Promise.all(["b", "c", "d"].map(async (path) => put(backend, path, path)));
    expect(readOlderStore(directory)).toEqual({ A: "a", B: "b", C: "c", D: "d" });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory).toSorted()).toEqual([".key", "secrets.enc"]);
  });

  it("refuses a value that is no text and a name of which nothing is left, and writes nothing", async () => {
    const { backend, file } = makeOlder();
    const before = readFileSync(file);
    await expect(put(backend, "a", Uint8Array.of(0xff))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(put(backend, "-/-", "x")).rejects.toMatchObject({ code: "invalid_input" });
    expect(readFileSync(file)).toEqual(before);
  });

  it("takes its key in every spelling and from a variable", async () => {
    const { directory, file, context } = makeOlder({ A: "a" });
    const key = Buffer.from(readFileSync(join(directory, ".key"), "latin1"), "base64url");
    for (const spelling of [
      `${key.toString("base64")}\n`,
      key.toString("hex"),
      `# a comment\n${key.toString("hex")}\n`,
    ]) {
      writeFileSync(join(directory, ".key"), spelling);
      expect(await take(openTestBackend(context), "a")).toBe("a");
    }
    rmSync(join(directory, ".key"));
    const environment = { STORE_KEY: key.toString("base64") };
    const backend = openTestBackend({ ...context, environment }, { key: { env: "STORE_KEY" } });
    expect(await take(backend, "a")).toBe("a");
    await put(backend, "a", "b");
    expect(await take(backend, "a")).toBe("b");
    expect(existsSync(file)).toBe(true);
  });

  it("never gets a new key in the place of a missing one", async () => {
    const { backend, directory } = makeOlder({ A: "a" });
    rmSync(join(directory, ".key"));
    for (const attempt of [async () => take(backend, "a"), async () => put(backend, "a", "b")]) {
      await expect(attempt()).rejects.toMatchObject({ code: "locked", message: expect.stringContaining("is missing") });
    }
    expect(existsSync(join(directory, ".key"))).toBe(false);
  });

  it("is not taken where the writers are known by their fingerprint", async () => {
    const { backend } = makeOlder({ A: "a" }, { environment: { MXM_SECRETS_WRITERS: "SHA256:known" } });
    await expect(take(backend, "a")).rejects.toMatchObject({ code: "integrity" });
  });

  it("is not taken under another path beside a configuration where a sealed store was seen", async () => {
    const { directory, context, backend } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "a");
    const repository = join(directory, "repository");
    mkdirSync(join(repository, "older"));
    makeOlderStore(join(repository, "older"), { A: "forged" });
    const older = openTestBackend(context, { path: "older/secrets.enc" });
    await expect(take(older, "a")).rejects.toMatchObject({ code: "integrity" });
  });

  it("is read where nothing can be remembered, and says so", async () => {
    const { directory, context } = makeOlder({ A: "a" });
    writeFileSync(join(directory, "state"), "no directory");
    const said: string[] = [];
    const backend = openTestBackend({ ...context, stateDirectory: join(directory, "state") });
    const { status } = (await backend.check?.(["a"], { warn: (line) => said.push(line) }, new Map()).then(
      (report) => ({ status: report.presence.get("a") }),
      () => ({ status: "threw" }),
    )) ?? { status: "none" };
    expect(status).toBe("present");
    expect(said.join()).toContain("one put in its place goes unnoticed");
  });
});
