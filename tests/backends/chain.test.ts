import { describe, expect, test } from "vitest";
import { chainBackend } from "../../src/backends/chain.js";
import { hiddenValue } from "../../src/backends/contract-setup.js";
import { backendContract } from "../../src/backends/contract-suite.js";
import { anyPath } from "../../src/backends/contract.js";
import type { BackendDefinition, OpenedStore } from "../../src/backends/contract.js";
import { envBackend } from "../../src/backends/env.js";
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
    expect(trace).toContain("both → first (one): passed over, one is not here");
  },
);

describe("the chain stops, and the second store is not asked, when the first is", () => {
  test.each([
    ["unreachable", new UnavailableError("timed out"), "unavailable"],
    ["locked", new LockedError("no key"), "locked"],
    ["corrupt", new IntegrityError("altered"), "integrity"],
    ["failing unexpectedly", new Error("boom"), "unavailable"],
    ["refusing", new AccessDeniedError("not you"), "denied"],
  ])("%s", async (_name, error, code) => {
    const { get, calls, trace } = chainOf(fail(error), has("2"));
    const thrown: unknown = await get("key").catch((caught: unknown) => caught);
    expect(isSecretsError(thrown) ? thrown.code : thrown).toBe(code);
    expect(calls[1]?.filter((call) => call.startsWith("read"))).toEqual([]);
    expect(trace.slice(1)).toEqual([
      expect.stringMatching(/^both → first \(one\): stops the chain, /),
      "both → second (two): not asked",
    ]);
  });

  test("and the error keeps what it said, with where the chain stopped and how to go on", async () => {
    const thrown = async (error: Error) =>
      chainOf(fail(error), has("2"))
        .get("key")
        .catch((caught: unknown) => caught);
    expect(await thrown(new LockedError("no key", { hint: "ask bob" }))).toMatchObject({
      message: "no key",
      hint: "ask bob; the chain `both` stops at `first`, and no later store is used; to go on without it, leave it out of stores.both.stores, for this machine in mxm-secrets.local.yaml",
    });
    expect(await thrown(new UnavailableError("timed out"))).toMatchObject({
      reason: "unreachable",
      hint: "the chain `both` stops at `first`, and no later store is used; `if_unavailable: skip` in stores.both passes it over",
    });
    const decision = { verdict: "deny", rule: "r", reasons: [] } as const;
    expect(await thrown(new AccessDeniedError("not you", { decision }))).toMatchObject({ decision });
  });

  test("and nothing is added where no later store is left out", async () => {
    const work = chainOf(hasNot, fail(new LockedError("no key"))).get("key");
    await expect(work).rejects.toMatchObject({ message: "no key", hint: undefined });
  });
});

test("a signal that fires while one store is asked keeps the next from being asked", async () => {
  const controller = new AbortController();
  const { api, calls } = chainOf(() => {
    controller.abort();
    return undefined;
  }, has("2"));
  const work = api.getSecret({ secretName: "key", identity: loader, signal: controller.signal });
  await expect(work).rejects.toMatchObject({ code: "cancelled" });
  expect(calls[1]?.filter((call) => call.startsWith("read"))).toEqual([]);
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
  expect(trace).toContain("both → first (one): passed over, it cannot hold `forbidden`: expected no `forbidden`");
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

describe("a value that nobody was asked for", () => {
  const gone = (reason: "not_installed" | "not_initialised" | "unreachable") =>
    fail(new UnavailableError(`it is ${reason}`, { reason }));

  test.each([
    ["not_installed", "not_installed", "not_installed"],
    ["not_installed", "not_initialised", "not_initialised"],
    ["unreachable", "not_installed", "not_initialised"],
  ] as const)("is not absent: %s and %s are %s together, and no default replaces it", async (one, two, reason) => {
    const work = chainOf(gone(one), gone(two), { if_unavailable: "skip" }).get("key");
    await expect(work).rejects.toMatchObject({
      code: "unavailable",
      reason,
      message: "no store of the chain `both` could be asked",
      hint: `it is ${one}; it is ${two}`,
    });
  });

  test("is absent when one store was asked and does not have it", async () => {
    expect(await chainOf(gone("not_installed"), hasNot).get("key")).toBe("default");
  });

  test("is not absent when the only store that could hold its name was passed over", async () => {
    const narrow = { ...spyBackend(gone("not_installed"), "one").definition, paths: anyPath };
    const api = SecretsApi.fromConfigData(
      {
        stores: { a: { backend: "one" }, b: { backend: "two" }, both: { backend: "chain", stores: ["a", "b"] } },
        refs: { key: { store: "both", path: "forbidden", policy: "all" } },
        policies: { all: { allowed_principals: ["marketdata"] } },
      },
      { backends: [narrow, spyBackend(hasNot, "two").definition] },
    );
    const work = api.getSecret({ secretName: "key", identity: loader, default: "d" });
    await expect(work).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a chain within a chain", () => {
  const nested = (first: Answer, inner: object = {}) => {
    const trace: string[] = [];
    const spies = [spyBackend(first, "one"), spyBackend(has("2"), "two"), spyBackend(has("3"), "three")];
    const api = SecretsApi.fromConfigData(
      {
        stores: {
          a: { backend: "one" },
          b: { backend: "two" },
          c: { backend: "three" },
          inner: { backend: "chain", stores: ["a", "b"], write_to: "b", ...inner },
          outer: { backend: "chain", stores: ["inner", "c"], write_to: "inner" },
        },
        refs: { key: { store: "outer", path: "key", policy: "all" } },
        policies: { all: { allowed_principals: ["marketdata"], actions: ["read", "write"] } },
      },
      { backends: spies.map(({ definition }) => definition), trace: (line) => trace.push(line) },
    );
    return { api, trace, calls: spies.map(({ calls }) => calls), request: { secretName: "key", identity: loader } };
  };

  test("says the whole way a request took, and no value", async () => {
    const { api, trace, request } = nested(hasNot);
    expect(await api.getSecret(request)).toBe("2");
    expect(trace).toEqual([
      "allow read key as marketdata by all.allowed_principals",
      "outer → inner → a (one): absent",
      "outer → inner → b (two): found",
      "outer → inner (chain): found",
      "outer → c (three): not asked",
      "store outer (chain): 1 of 1 found",
    ]);
  });

  test("hands writes to the store that the inner one names, and says so", async () => {
    const { api, trace, calls, request } = nested(hasNot);
    await api.setSecret({ ...request, value: "v" });
    expect(calls.map((each) => each.filter((call) => call.startsWith("write")))).toEqual([[], ["write key"], []]);
    expect(trace.slice(1)).toEqual([
      "outer → inner → b (two): written, as write_to says",
      "outer → inner (chain): written, as write_to says",
    ]);
  });

  test("that stops tells of the store that stopped it, once", async () => {
    const { api, request } = nested(fail(new IntegrityError("altered")));
    await expect(api.getSecret(request)).rejects.toMatchObject({
      code: "integrity",
      hint: expect.stringMatching(/^the chain `inner` stops at `a`, [^;]*; to go on [^;]*$/),
    });
  });

  test("goes on to the outer one's next store as if the inner one's stood in its place", async () => {
    const gone = fail(new UnavailableError("timed out"));
    const skipping = nested(gone, { stores: ["a"], write_to: "a", if_unavailable: "skip" });
    expect(await skipping.api.getSecret(skipping.request)).toBe("3");
    expect(skipping.trace).toContain("outer → inner → a (one): passed over (if_unavailable: skip), timed out");
    const stopping = nested(gone, { stores: ["a"], write_to: "a" });
    await expect(stopping.api.getSecret(stopping.request)).rejects.toMatchObject({ reason: "unreachable" });
  });

  test("is told by explain in the order it is asked, without touching a store", () => {
    const { api, calls, request } = nested(hasNot);
    expect(
      api.explain(request).asks.map(({ position, store, receivesWrites }) => [position, store, receivesWrites]),
    ).toEqual([
      [[1], "inner", true],
      [[1, 1], "a", false],
      [[1, 2], "b", true],
      [[2], "c", false],
    ]);
    expect(calls).toEqual([[], [], []]);
  });
});

test("the list of a chain leaves out what a reader passes over, and stops where a reader stops", async () => {
  const listing = (paths: readonly string[] | Error, kind: string) => {
    const list = async () => {
      if (paths instanceof Error) throw paths;
      return paths;
    };
    return { ...memoryBackend(), kind, open: () => ({ read: async () => undefined, list }) };
  };
  const listOf = async (first: readonly string[] | Error) => {
    const members = new Map<string, OpenedStore>(
      [listing(first, "first"), listing(["b", "a"], "second"), envBackend].map((definition) => [
        definition.kind,
        { name: definition.kind, definition, backend: definition.open({ name: "x", options: {} }, isolatedContext()) },
      ]),
    );
    const openStore = (name: string): OpenedStore => {
      const member = members.get(name);
      if (member === undefined) throw new Error(`there is no member ${name}`);
      return member;
    };
    const options = { stores: [...members.keys()] };
    const lines: string[] = [];
    const paths = chainBackend
      .open({ name: "all", options }, isolatedContext({ openStore }))
      .list?.({ trace: (line) => lines.push(line) });
    return { paths: await paths, lines };
  };
  const passedOver = "env (env): passed over, it cannot list its names";
  expect(await listOf(["c", "a"])).toEqual({ paths: ["a", "b", "c"], lines: [passedOver] });
  expect(await listOf(new UnavailableError("gone", { reason: "not_installed" }))).toEqual({
    paths: ["a", "b"],
    lines: ["first (first): passed over, gone", passedOver],
  });
  await expect(listOf(new LockedError("no key"))).rejects.toThrow("no key");
});
