import { describe, expect, test } from "vitest";
import { chainBackend } from "../../src/backends/chain.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import type { BackendDefinition, OpenedStore } from "../../src/backends/contract.js";
import { memoryBackend } from "../../src/backends/memory.js";
import { AccessDeniedError, IntegrityError, isSecretsError, LockedError, UnavailableError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";
import { isolatedContext } from "../support/context.js";
import { countingBackend } from "../support/counting-backend.js";
import { loader } from "../support/policies.js";
import { spyBackend } from "../support/spy-backend.js";

describe("a chain keeps the contract of every backend", () => {
  const over = (first: BackendDefinition, second: BackendDefinition = memoryBackend()) => {
    const members = new Map(
      Object.entries({ first, second }).map(([name, definition]) => [
        name,
        { name, definition, backend: definition.open({ name, options: {} }, isolatedContext()) },
      ]),
    );
    const openStore = (name: string): OpenedStore => {
      const member = members.get(name);
      if (member === undefined) throw new Error(`there is no member ${name}`);
      return member;
    };
    return { options: { stores: ["first", "second"], write_to: "second" }, context: { openStore } };
  };
  const failing = (error: Error) => () =>
    over(spyBackend(fail(error), "failing").definition, memoryBackend({ alpha: hiddenValue }));
  const cases = backendContract({
    definition: chainBackend,
    store: () => over(memoryBackend()),
    states: {
      denied: failing(new AccessDeniedError("refused")),
      locked: failing(new LockedError("no key")),
      unavailable: failing(new UnavailableError("timed out")),
      corrupt: failing(new IntegrityError("altered")),
    },
    names: { held: ["a", "a/b", "x".repeat(1024), "§ ☃ .."], refused: ["", "/a", "a/../b", "x".repeat(1025)] },
    largest: 1024 * 1024,
    slow: () => {
      const member = countingBackend({ waits: true });
      return { ...over(member.definition), waiting: member.waiting, left: member.reading };
    },
    concurrency: {
      most: 1,
      store: () => {
        const member = countingBackend({ waits: false });
        const { options, context } = over(memoryBackend(), member.definition);
        return { options, context, peak: member.peak };
      },
    },
  });
  test.each(cases.map(({ name, run }) => [name, run] as const))("%s", async (_name, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

type Answer = (path: string) => string | undefined;

function chainOf(first: Answer, second: Answer, options: object = {}) {
  const spies = [spyBackend(first, "one"), spyBackend(second, "two")];
  const trace: string[] = [];
  const api = SecretsApi.fromConfigData(
    {
      stores: {
        first: { backend: "one" },
        second: { backend: "two" },
        both: { backend: "chain", stores: ["first", "second"], ...options },
      },
      refs: {
        key: { store: "both", path: "key", policy: "all" },
        other: { store: "both", path: "other", policy: "all" },
        forbidden: { store: "both", path: "forbidden", policy: "all" },
      },
      policies: { all: { allowed_principals: ["marketdata"], actions: ["read", "write"] } },
    },
    { backends: spies.map(({ definition }) => definition), trace: (line) => trace.push(line) },
  );
  const get = (secretName: string) => api.getSecret({ secretName, identity: loader, default: "default" });
  const calls = spies.map((spy) => spy.calls);
  return { api, get, trace, calls };
}

const fail = (error: Error) => () => {
  throw error;
};
const has = (value: string) => () => value;
const hasNot = () => undefined;

test("the first store that has the value answers, and later ones are not asked", async () => {
  const { get, calls } = chainOf(has("1"), has("2"));
  expect(await get("key")).toBe("1");
  expect(calls[1]?.filter((call) => call.startsWith("read"))).toEqual([]);
});

test("an absent value is looked for in the next store", async () => {
  expect(await chainOf(hasNot, has("2")).get("key")).toBe("2");
});

test("a value absent everywhere is absent", async () => {
  expect(await chainOf(hasNot, hasNot).get("key")).toBe("default");
});

test.each(["not_installed", "not_initialised"] as const)(
  "a store that is %s is passed over, and said so",
  async (reason) => {
    const { get, trace } = chainOf(fail(new UnavailableError("one is not here", { reason })), has("2"));
    expect(await get("key")).toBe("2");
    expect(trace).toContain("first: passed over, one is not here");
  },
);

describe("the chain stops, and the second store is not asked, when the first is", () => {
  test.each([
    ["unreachable", new UnavailableError("timed out"), "unavailable"],
    ["locked", new LockedError("no key"), "locked"],
    ["corrupt", new IntegrityError("altered"), "integrity"],
    ["failing unexpectedly", new Error("boom"), "unavailable"],
  ])("%s", async (_name, error, code) => {
    const { get, calls } = chainOf(fail(error), has("2"));
    const thrown: unknown = await get("key").catch((caught: unknown) => caught);
    expect(isSecretsError(thrown) ? thrown.code : thrown).toBe(code);
    expect(calls[1]?.filter((call) => call.startsWith("read"))).toEqual([]);
  });
});

test("`if_unavailable: skip` passes over an unreachable store, and no other failure", async () => {
  const options = { if_unavailable: "skip" };
  expect(await chainOf(fail(new UnavailableError("timed out")), has("2"), options).get("key")).toBe("2");
  await expect(chainOf(fail(new LockedError("no key")), has("2"), options).get("key")).rejects.toThrow("no key");
});

test("a batch asks each store only for what the stores before it did not have", async () => {
  const { api, calls } = chainOf((path) => (path === "key" ? "1" : undefined), has("2"));
  const values = await api.getSecrets(["key", "other"].map((secretName) => ({ secretName, identity: loader })));
  expect(values).toEqual(["1", "2"]);
  expect(calls[1]).toEqual(["open", "read other"]);
});

test("a store that cannot hold the path is passed over, and said so", async () => {
  const { get, trace } = chainOf(has("1"), has("2"));
  expect(await get("forbidden")).toBe("default");
  expect(trace).toContain("first: passed over, it cannot hold such a name");
});

test("without write_to a chain takes no writes", async () => {
  const { api } = chainOf(hasNot, hasNot);
  const work = api.setSecret({ secretName: "key", identity: loader, value: "v" });
  await expect(work).rejects.toMatchObject({
    code: "unsupported",
    hint: expect.stringContaining("write_to") as string,
  });
});

test("write_to names the member that receives writes and removals", async () => {
  const { api, calls } = chainOf(hasNot, hasNot, { write_to: "second" });
  await api.setSecret({ secretName: "key", identity: loader, value: "v" });
  await api.removeSecret({ secretName: "key", identity: loader });
  expect(calls).toEqual([[], ["open", "write key", "delete key"]]);
});

test("a write is held to what the member that receives it can hold, as a write to the member itself is", async () => {
  const { api, calls } = chainOf(hasNot, hasNot, { write_to: "second" });
  const set = (secretName: string, value: string) => api.setSecret({ secretName, identity: loader, value });
  await expect(set("forbidden", "v")).rejects.toMatchObject({
    code: "invalid_input",
    message: "`forbidden` cannot be a name in store `second`: expected no `forbidden`",
    hint: "the `two` backend holds anything without `forbidden`",
  });
  await expect(set("key", "seventeen bytes!!")).rejects.toThrow(
    "the value is 17 bytes; the `two` backend holds at most 16",
  );
  const removed = api.removeSecret({ secretName: "forbidden", identity: loader });
  await expect(removed).rejects.toMatchObject({ code: "invalid_input" });
  expect(calls.flat()).toEqual(["open"]);
});
