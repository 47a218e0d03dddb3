import { expect, test } from "vitest";
import { defineBackend } from "../../src/backends/contract.js";
import type { Backend } from "../../src/backends/contract.js";
import { IntegrityError, UnavailableError } from "../../src/errors.js";
import { SecretsApi } from "../../src/resolution/secrets-api.js";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 24);

function backendOf(kind: string, backend: Partial<Backend>) {
  const calls: string[] = [];
  const definition = defineBackend({
    kind,
    description: "tells times",
    options: {},
    paths: { description: "anything without `forbidden`", fault: (path) => (path === "forbidden" ? "no" : undefined) },
    maximumValueBytes: 16,
    can: { write: false, delete: false, list: false },
    enforcement: "advisory",
    open: () => ({
      read: async () => {
        calls.push("read");
        return undefined;
      },
      ...backend,
    }),
  });
  return { definition, calls };
}

const times: ReadonlyMap<string, number | undefined> = new Map([
  ["fresh", now - 89 * day],
  ["due", now - 90 * day],
  ["undated", undefined],
]);

const changed = async (paths: readonly string[]) => new Map([...times].filter(([path]) => paths.includes(path)));

async function inventoryOf(refs: Readonly<Record<string, object>>, backends: ReadonlyMap<string, Partial<Backend>>) {
  const made = [...backends].map(([kind, backend]) => backendOf(kind, backend));
  const stores = Object.fromEntries([...backends.keys()].map((kind) => [kind, { backend: kind }]));
  const data = {
    stores: { ...stores, both: { backend: "chain", stores: [...backends.keys()] } },
    refs,
    policies: { none: { allowed_principals: [] } },
  };
  const api = SecretsApi.fromConfigData(data, { backends: made.map(({ definition }) => definition), now: () => now });
  const taken = await api.inventory();
  expect(made.flatMap(({ calls }) => calls)).toEqual([]);
  return taken;
}

const ref = (path: string, more: object = {}) => ({
  store: "dated",
  path,
  policy: "none",
  rotate_every: "90d",
  ...more,
});

test("an entry has the documentation of its ref, and no value is read for it", async () => {
  const documentation = { owner: "the team", used_by: ["loader"], rotation: "restart", description: "An API" };
  const { entries } = await inventoryOf({ key: ref("fresh", documentation) }, new Map([["dated", { changed }]]));
  expect(entries).toEqual([
    {
      name: "key",
      store: "dated",
      backend: "dated",
      policy: "none",
      description: "An API",
      owner: "the team",
      usedBy: ["loader"],
      rotation: "restart",
      rotateEveryDays: 90,
      age: "known",
      lastChanged: "2026-08-27T00:00:00Z",
      rotationDue: "2026-11-25T00:00:00Z",
      isOverdue: false,
    },
  ]);
});

test("a value is overdue from the moment it is due", async () => {
  const refs = { key: ref("due"), other: ref("fresh"), unruled: ref("due", { rotate_every: undefined }) };
  const { entries } = await inventoryOf(
    JSON.parse(JSON.stringify(refs)) as typeof refs,
    new Map([["dated", { changed }]]),
  );
  expect(entries.map(({ name, isOverdue }) => [name, isOverdue])).toEqual([
    ["key", true],
    ["other", false],
    ["unruled", false],
  ]);
});

test("a value of unknown age, one that is not there and a store that knows no times are told apart", async () => {
  const refs = {
    absent: ref("nothing"),
    undated: ref("undated"),
    misplaced: ref("forbidden"),
    untold: ref("fresh", { store: "mute" }),
  };
  const { entries, failures } = await inventoryOf(
    refs,
    new Map([
      ["dated", { changed }],
      ["mute", {}],
    ]),
  );
  expect(failures).toEqual([]);
  expect(entries.map(({ name, age, isOverdue }) => [name, age, isOverdue])).toEqual([
    ["absent", "absent", false],
    ["misplaced", "absent", false],
    ["undated", "unknown", false],
    ["untold", "unknown", false],
  ]);
});

test("a store that fails leaves its ages unknown and is named, and the others are told", async () => {
  const broken = async () => {
    throw new IntegrityError("altered");
  };
  const refs = { key: ref("due"), lost: ref("due", { store: "broken" }) };
  const { entries, failures } = await inventoryOf(
    refs,
    new Map<string, Partial<Backend>>([
      ["dated", { changed }],
      ["broken", { changed: broken }],
    ]),
  );
  expect(entries.map(({ name, age }) => [name, age])).toEqual([
    ["key", "known"],
    ["lost", "unknown"],
  ]);
  expect(failures.map(({ store, error }) => [store, error.code])).toEqual([["broken", "integrity"]]);
});

test("a foreign error of a backend is told without its text", async () => {
  const broken = async () => {
    throw new Error("hunter2");
  };
  const { failures } = await inventoryOf({ key: ref("due") }, new Map([["dated", { changed: broken }]]));
  expect(failures.map(({ error }) => error.message).join()).toContain("failed unexpectedly");
  expect(JSON.stringify(failures.map(({ error }) => [error.message, error.hint]))).not.toContain("hunter2");
});

test.each([
  ["absent", "known"],
  ["present", "unknown"],
  ["unreadable", "unknown"],
  ["unknown", "unknown"],
] as const)("in a chain, a first member whose value is %s leaves the age %s", async (presence, age) => {
  const first: Partial<Backend> = {
    check: async (paths) => ({ findings: [], presence: new Map(paths.map((path) => [path, presence])) }),
  };
  const { entries } = await inventoryOf(
    { key: ref("due", { store: "both" }) },
    new Map([
      ["first", first],
      ["dated", { changed }],
    ]),
  );
  expect(entries.map((entry) => entry.age)).toEqual([age]);
});

test("in a chain, a member that is not installed is passed over, and one that cannot be reached is not", async () => {
  const first = (unavailable: "not_installed" | "unreachable"): Partial<Backend> => ({
    check: async () => ({
      findings: [{ severity: "problem", message: "no", code: "unavailable", unavailable }],
      presence: new Map(),
    }),
  });
  const ages = async (reason: "not_installed" | "unreachable") => {
    const { entries } = await inventoryOf(
      { key: ref("due", { store: "both" }) },
      new Map([
        ["first", first(reason)],
        ["dated", { changed }],
      ]),
    );
    return entries.map((entry) => entry.age);
  };
  expect(await ages("not_installed")).toEqual(["known"]);
  expect(await ages("unreachable")).toEqual(["unknown"]);
});

test.each([
  ["not_initialised", "known", []],
  ["unreachable", "unknown", ["unavailable"]],
] as const)("in a chain, a member that is %s leaves the age %s", async (reason, age, codes) => {
  const first: Partial<Backend> = {
    changed: async () => {
      throw new UnavailableError("no store", { reason });
    },
  };
  const backends = new Map<string, Partial<Backend>>([
    ["first", first],
    ["dated", { changed }],
  ]);
  const { entries, failures } = await inventoryOf({ key: ref("due", { store: "both" }) }, backends);
  expect(entries.map((entry) => entry.age)).toEqual([age]);
  expect(failures.map(({ error }) => error.code)).toEqual(codes);
});
