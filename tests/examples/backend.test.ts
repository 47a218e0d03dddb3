import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { jsonFile } from "../../examples/backend.js";
import { backendContract, hiddenValue } from "../../src/backend-contract.js";
import { SecretsApi } from "../../src/index.js";
import { loader } from "../support/policies.js";

const directory = mkdtempSync(join(tmpdir(), "mxm-example-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(values: ReadonlyMap<string, Uint8Array>): string {
  const file = join(mkdtempSync(join(directory, "store-")), "desk.json");
  const text = Object.fromEntries([...values].map(([path, value]) => [path, Buffer.from(value).toString()]));
  writeFileSync(file, JSON.stringify(text), { mode: 0o600 });
  return file;
}

function broken(spoil: (file: string) => void) {
  const file = write(new Map([["alpha", new TextEncoder().encode(hiddenValue)]]));
  spoil(file);
  return { options: { path: file } };
}

describe("the example keeps the contract of every backend", () => {
  const cases = backendContract({
    definition: jsonFile,
    store: () => {
      const file = write(new Map());
      const seed = (values: ReadonlyMap<string, Uint8Array>) => {
        const seeded = Object.fromEntries([...values].map(([path, value]) => [path, Buffer.from(value).toString()]));
        writeFileSync(file, JSON.stringify(seeded), { mode: 0o600 });
      };
      return { options: { path: file }, seed };
    },
    values: ["plain", "", "one\ntwo\n", "snowman ☃"].map((value) => new TextEncoder().encode(value)),
    states: {
      denied: "the file refuses nobody who may read it",
      locked: () => broken((file) => chmodSync(file, 0o644)),
      unavailable: () => broken((file) => rmSync(file)),
      corrupt: () => broken((file) => truncateSync(file, 20)),
    },
    names: { held: ["a", "a/b", "x".repeat(1024), "☃ #=", "__proto__"], refused: ["", "/a", "a/../b"] },
    slow: "a file is read without waiting for anybody",
    concurrency: "every read is of the one file",
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe("the example in a SecretsApi", () => {
  const apiOver = (path: string) =>
    SecretsApi.fromConfigData(
      {
        stores: { desk: { backend: "json_file", path } },
        refs: { api_key: { store: "desk", path: "feeds/api_key", policy: "all" } },
        policies: { all: { allowed_principals: ["marketdata"] } },
      },
      { backends: [jsonFile] },
    );
  const request = { secretName: "api_key", identity: loader };

  test("gives an allowed caller the value", async () => {
    const file = write(new Map([["feeds/api_key", new TextEncoder().encode("v")]]));
    expect(await apiOver(file).getSecret(request)).toBe("v");
  });

  test("a file others may read is locked, a missing one is not initialised, a broken one is corrupt", async () => {
    const file = write(new Map());
    chmodSync(file, 0o644);
    await expect(apiOver(file).getSecret(request)).rejects.toMatchObject({ code: "locked" });
    await expect(apiOver(`${file}.gone`).getSecret(request)).rejects.toMatchObject({ reason: "not_initialised" });
    chmodSync(file, 0o600);
    writeFileSync(file, "{ canary-12");
    const thrown: unknown = await apiOver(file)
      .getSecret(request)
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "integrity" });
    expect(String(thrown)).not.toContain("canary");
  });
});
