import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { sealedBackend } from "../../src/backends/sealed.js";
import { AccessDeniedError, ConfigurationError, InvalidInputError, LockedError } from "../../src/errors.js";
import { flipByte, scratchDirectory } from "../support/directory.js";
import {
  grantTo,
  identityTextOf,
  makeTestStore,
  openTestBackend,
  put,
  take,
  testContext,
} from "../support/sealed-store.js";
import type { TestStore } from "../support/sealed-store.js";
import { stuckProgram, watchProgram } from "../support/watched-program.js";

describe("the sealed backend keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: sealedBackend,
    store: async () => ({ options: {}, context: (await makeTestStore(scratchDirectory())).context }),
    states: {
      denied: "who may not read has no key for it, which is locked",
      locked: async () => contractStore(({ keyFile }) => rmSync(keyFile)),
      unavailable: async () => contractStore(({ file }) => rmSync(file)),
      corrupt: async () => contractStore(({ file }) => flipByte(file, -20)),
    },
    names: {
      held: ["a", "a/b", "A", "._@+=:,~%#-", "x".repeat(1024), `${"y/".repeat(511)}y`],
      refused: ["with space", "ключ", "a*b", "a//b", "a/../b", "x".repeat(1025)],
    },
    slow: async () => {
      const { directory, context } = await makeTestStore(scratchDirectory());
      const { program, waiting, left } = stuckProgram(directory, "key");
      return { options: { key: { command: [program] } }, context, waiting, left };
    },
    concurrency: {
      most: 1,
      store: async () => {
        const { directory, context, keyFile } = await makeTestStore(scratchDirectory());
        const { program, peak } = watchProgram(directory, "key", "/bin/cat");
        return { options: { key: { command: [program, keyFile] } }, context, peak };
      },
    },
  });
  it.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

async function contractStore(spoil: (store: TestStore) => void) {
  const store = await makeTestStore(scratchDirectory());
  await put(store.backend, "alpha", hiddenValue, "contract");
  spoil(store);
  return { options: {}, context: store.context };
}

describe("values", () => {
  it("keeps a value and gives it back", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    await put(backend, "marketdata/databento/api_key", "first");
    await put(backend, "marketdata/databento/api_key", "second");
    expect(await take(backend, "marketdata/databento/api_key")).toBe("second");
  });

  it.each([
    ["empty", new Uint8Array(0)],
    ["with NUL and bytes that are no UTF-8", Uint8Array.of(0, 255, 254, 0, 10)],
    ["with trailing newlines", new TextEncoder().encode("line\n\n")],
    ["of 1 MiB", new Uint8Array(1024 * 1024).fill(7)],
  ])("keeps a value %s byte for byte", async (_, value) => {
    const { backend } = await makeTestStore(scratchDirectory());
    await put(backend, "binary", value);
    expect(Buffer.from((await backend.read(grantTo("read", "binary"), {})) ?? []).equals(value)).toBe(true);
  });

  it("refuses a value over 1 MiB and a path with a space, and writes nothing", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    const before = readFileSync(file);
    await expect(put(backend, "large", new Uint8Array(1024 * 1024 + 1))).rejects.toThrow(InvalidInputError);
    await expect(put(backend, "with space", "v")).rejects.toThrow(/is not a path of a sealed store/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("gives undefined for a path that is not there, also in a batch", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    await put(backend, "b", "value of b");
    const values = await backend.readMany?.([grantTo("read", "a"), grantTo("read", "b"), grantTo("read", "c")], {});
    expect(values?.map((value) => (value === undefined ? undefined : Buffer.from(value).toString()))).toEqual([
      undefined,
      "value of b",
      undefined,
    ]);
  });

  it("removes a value once, and lists the paths sorted by bytes", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    for (const path of ["b", "a/b", "a", "a-b", "B"]) await put(backend, path, path);
    expect(await backend.list?.({})).toEqual(["B", "a", "a-b", "a/b", "b"]);
    expect(await backend.delete?.(grantTo("write", "a"), {})).toBe(true);
    expect(await backend.delete?.(grantTo("write", "a"), {})).toBe(false);
    expect(await take(backend, "a")).toBeUndefined();
  });

  it("keeps every value of writes that are made at once", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    const paths = Array.from({ length: 10 }, (_, index) => `at/once/${index}`);
    await Promise.all(paths.map(async (path) => put(backend, path, path)));
    expect(await backend.list?.({})).toEqual(paths);
  });

  it("removes what a killed writer left beside the file, and nothing else", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    for (const name of [`${file}.0123456789ab.tmp`, `${file}.mine.tmp`, `${file}.bak`]) writeFileSync(name, "");
    await put(backend, "a", "value");
    expect(readdirSync(dirname(file)).toSorted()).toEqual([
      ".key",
      "secrets.enc",
      "secrets.enc.bak",
      "secrets.enc.mine.tmp",
    ]);
  });

  it("refuses a grant that was not issued, and a grant to read when it is to write", async () => {
    const { backend } = await makeTestStore(scratchDirectory());
    await expect(backend.write?.(grantTo("read", "a"), new Uint8Array(1), {})).rejects.toThrow(AccessDeniedError);
  });

  it("moves a value to the compartment of its policy when it is written again", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "one", "research");
    await put(backend, "a", "two", "trading");
    expect(readFileSync(file, "utf8")).toMatch(/^secret a trading 2 text 2026-11-22T08:00:00Z /m);
    expect(await take(backend, "a", "trading")).toBe("two");
  });
});

describe("the store file", () => {
  it("is unavailable as not initialised when it never was, and as gone when it was", async () => {
    const directory = scratchDirectory();
    const never = openTestBackend(testContext(directory));
    await expect(take(never, "a")).rejects.toMatchObject({ code: "unavailable", reason: "not_initialised" });
    const { backend, file } = await makeTestStore(directory);
    await put(backend, "a", "value");
    rmSync(file);
    await expect(take(backend, "a")).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
  });

  it("is refused when an older one is put back", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "old");
    copyFileSync(file, `${file}.old`);
    await put(backend, "a", "new");
    copyFileSync(`${file}.old`, file);
    await expect(take(backend, "a")).rejects.toMatchObject({
      code: "integrity",
      message: expect.stringContaining("generation 2, while 3 was seen before"),
      hint: expect.stringContaining("mxm-secrets trust --store"),
    });
  });

  it("is not replaced by one in the older format, which nobody signs", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    const token = `gAAAAABlU_EA${"A".repeat(80)}`;
    writeFileSync(file, token);
    await expect(take(backend, "a")).rejects.toThrow("a sealed store was here before");
    await expect(put(backend, "a", "value")).rejects.toMatchObject({ code: "integrity" });
    expect(readFileSync(file, "latin1")).toBe(token);
  });

  it("keeps its permissions when it is written", async () => {
    const { backend, file } = await makeTestStore(scratchDirectory());
    chmodSync(file, 0o640);
    await put(backend, "a", "value");
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });
});

describe("the key", () => {
  it("is never made anew when it is missing beside a store", async () => {
    const { backend, keyFile } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "value");
    rmSync(keyFile);
    await expect(take(backend, "a")).rejects.toThrow(/is missing/);
    await expect(put(backend, "a", "other")).rejects.toThrow(LockedError);
    expect(existsSync(keyFile)).toBe(false);
  });

  it("is refused when others can read it, unless the caller accepts that", async () => {
    const directory = scratchDirectory();
    const { backend, keyFile } = await makeTestStore(directory);
    await put(backend, "a", "value");
    chmodSync(keyFile, 0o644);
    await expect(take(backend, "a")).rejects.toMatchObject({
      code: "locked",
      hint: expect.stringContaining("chmod 600"),
    });
    const accepting = openTestBackend(testContext(directory, { allowInsecurePermissions: true }));
    expect(await take(accepting, "a")).toBe("value");
  });

  it("that is no recipient opens nothing, and is told who can", async () => {
    const { backend, keyFile } = await makeTestStore(scratchDirectory());
    await put(backend, "a", "value");
    writeFileSync(keyFile, identityTextOf("stranger"));
    await expect(take(backend, "a")).rejects.toMatchObject({
      code: "locked",
      hint: expect.stringContaining("`writer`"),
    });
  });

  it("that is no writer may not write, and is told who may", async () => {
    const directory = scratchDirectory();
    const { backend, keyFile, file } = await makeTestStore(directory);
    await put(backend, "a", "value");
    const before = readFileSync(file);
    writeFileSync(keyFile, identityTextOf("stranger"));
    await expect(put(backend, "a", "forged")).rejects.toMatchObject({
      code: "denied",
      hint: expect.stringContaining("the writers are `writer`"),
    });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("may come from the environment", async () => {
    const directory = scratchDirectory();
    const { backend, keyFile } = await makeTestStore(directory);
    await put(backend, "a", "value");
    rmSync(keyFile);
    const context = testContext(directory, { environment: { STORE_KEY: identityTextOf("writer") } });
    expect(await take(openTestBackend(context, { key: { env: "STORE_KEY" } }), "a")).toBe("value");
  });

  it("that failed to load, or whose load another call gave up, is loaded again for the next call", async () => {
    const directory = scratchDirectory();
    const { backend, keyFile } = await makeTestStore(directory);
    await put(backend, "a", "value");
    const environment: Record<string, string> = {};
    const fromVariable = openTestBackend(testContext(directory, { environment }), { key: { env: "STORE_KEY" } });
    await expect(take(fromVariable, "a")).rejects.toThrow(LockedError);
    environment["STORE_KEY"] = identityTextOf("writer");
    expect(await take(fromVariable, "a")).toBe("value");

    const command = ["sh", "-c", 'sleep 0.2; cat "$0"', keyFile];
    const fromCommand = openTestBackend(testContext(directory), { key: { command } });
    const impatient = new AbortController();
    const reads = [
      fromCommand.read(grantTo("read", "a"), { signal: impatient.signal }),
      fromCommand.read(grantTo("read", "a"), {}),
    ];
    setTimeout(() => impatient.abort(), 50);
    const [given, kept] = await Promise.allSettled(reads);
    expect(given).toMatchObject({ status: "rejected", reason: { code: "cancelled" } });
    expect(kept?.status).toBe("fulfilled");
    expect(await take(fromCommand, "a")).toBe("value");
  });

  it("option that is not understood is a fault of the configuration, with its path", () => {
    const context = testContext(scratchDirectory());
    expect(() => openTestBackend(context, { key: { evn: "X" } })).toThrow(ConfigurationError);
    expect(() => openTestBackend(context, { key: { file: "k", passphrase: "hunter2" } })).toThrow(
      /^stores\.local\.key\.passphrase: expected one of/,
    );
  });
});
