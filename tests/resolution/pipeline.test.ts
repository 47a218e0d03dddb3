import { describe, expect, test } from "vitest";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { loader } from "../support/policies.js";
import { answer, apiWith, codeOf, spiedData } from "../support/spied-api.js";
import { spyBackend } from "../support/spy-backend.js";

describe("writing", () => {
  test("an allowed caller writes and removes", async () => {
    const { api, calls } = apiWith();
    await api.setSecret({ secretName: "api_key", identity: loader, value: "v" });
    expect(await api.removeSecret({ secretName: "api_key", identity: loader })).toBe(true);
    expect(calls).toEqual(["open", "write feeds/api_key", "delete feeds/api_key"]);
  });

  test("a value over the backend's limit is refused with its size, not its text", async () => {
    const { api, calls } = apiWith();
    const work = api.setSecret({ secretName: "api_key", identity: loader, value: "canary-".repeat(4) });
    await expect(work).rejects.toThrow("the value is 28 bytes; the `spy` backend holds at most 16");
    expect(calls).toEqual(["open"]);
  });

  test("a lone surrogate is refused", async () => {
    const { api } = apiWith();
    expect(await codeOf(api.setSecret({ secretName: "api_key", identity: loader, value: "\ud800" }))).toBe(
      "invalid_input",
    );
  });
});

describe("a backend that misbehaves", () => {
  const apiOver = (read: () => Promise<unknown>) => {
    const { definition } = spyBackend(answer);
    const broken = { ...definition, open: () => ({ read: read as () => Promise<Uint8Array> }) };
    return SecretsApi.fromConfigData(spiedData, { backends: [broken] });
  };

  test("an unexpected error is unavailable, and its text is withheld everywhere", async () => {
    const { inspect } = await import("node:util");
    const api = apiOver(() => Promise.reject(new TypeError("cannot parse canary-1f0c")));
    const thrown: unknown = await api.getSecret({ secretName: "api_key", identity: loader }).catch((e: unknown) => e);
    expect(thrown).toMatchObject({ code: "unavailable", message: "store `red` failed unexpectedly (TypeError)" });
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain("canary");
  });

  test.each([
    ["null", null],
    ["a string", "canary-1f0c"],
  ])("%s is neither a value nor an absence", async (_name, value) => {
    const api = apiOver(() => Promise.resolve(value));
    expect(await codeOf(api.getSecret({ secretName: "api_key", identity: loader }))).toBe("unavailable");
  });
});
