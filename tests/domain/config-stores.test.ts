import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { formatProblem } from "../../src/domain/problem.js";
import { coreData, kinds } from "../support/kinds.js";

const withStores = (stores: Record<string, unknown>) => {
  const core = coreData();
  return parseConfigData({ ...core, stores: { ...core.stores, ...stores } }, kinds);
};
const problemsOf = (stores: Record<string, unknown>): string[] => withStores(stores).problems.map(formatProblem);

describe("the options of a store", () => {
  it("are checked against the table of its kind, each by its type", () => {
    const options = {
      path: "x",
      text: "",
      strict: true,
      limit: 1.5,
      words: ["a", ""],
      key: ".key",
      run: ["op", "read"],
    };
    const { config, problems } = withStores({ all: { backend: "full", ...options } });
    expect(problems).toEqual([]);
    expect(config.stores.get("all")?.options).toEqual(options);
    expect(Object.isFrozen(config.stores.get("all")?.options)).toBe(true);
  });

  it("are each reported with the type expected", () => {
    const store = {
      backend: "full",
      text: 1,
      strict: "yes",
      limit: "1",
      words: "a",
      key: 7,
      run: "op read",
      adress: "x",
    };
    expect(problemsOf({ all: store })).toEqual([
      "stores.all.text: expected a string, found a number",
      "stores.all.strict: expected true or false, found a string",
      "stores.all.limit: expected a number, found a string",
      "stores.all.words: expected a list, found a string",
      "stores.all.key: expected a file or a mapping such as `{ env: NAME }`, found a number",
      "stores.all.run: expected a list, found a string",
      "stores.all.adress: unknown key `adress`; did you mean `address`?",
      "stores.all.path: expected a string, found nothing",
    ]);
  });

  it("may name one key source", () => {
    const keys = [
      ".key",
      { file: ".key" },
      { env: "MXM_KEY" },
      { fd: 3 },
      { command: ["op", "read"] },
      { file: "a", passphrase: { env: "P" } },
    ];
    for (const key of keys) expect(problemsOf({ all: { backend: "full", path: "x", key } })).toEqual([]);
    const faults = [
      {},
      { file: ".key", fd: 3 },
      { fd: -1 },
      { env: "A=B" },
      { command: [] },
      { command: ["a\0"] },
      { vault: 1 },
      { fd: 0 },
      { env: "A", passphrase: { fd: 3 } },
      { file: "a", passphrase: "pw" },
      { file: "a", passphrase: {} },
    ];
    for (const key of faults) expect(problemsOf({ all: { backend: "full", path: "x", key } })).not.toEqual([]);
  });

  it("need a backend that exists", () => {
    expect(problemsOf({ a: {}, b: { backend: "constructor" }, c: { backend: ["plain"] }, d: "plain" })).toEqual([
      "stores.a.backend: expected a string, found nothing",
      "stores.b.backend: unknown backend `constructor`",
      "stores.c.backend: expected a string, found a list",
      "stores.d: expected a mapping, found a string",
    ]);
  });
});

it("an option of a few words takes no other, and says which is near", () => {
  const store = { backend: "full", path: "x" };
  expect(problemsOf({ a: { ...store, newline: "keep" }, b: { ...store, newline: "kep" } })).toEqual([
    "stores.b.newline: expected auto or keep; did you mean `keep`?",
  ]);
});

describe("a chain", () => {
  it("may ask stores that exist, defined in any order", () => {
    expect(
      problemsOf({
        a: { backend: "chain", stores: ["b", "red"], write_to: "red" },
        b: { backend: "chain", stores: ["red"] },
      }),
    ).toEqual([]);
  });

  it("is refused with an unknown member or none", () => {
    const members = {
      a: { backend: "chain", stores: ["rde"] },
      b: { backend: "chain" },
      c: { backend: "chain", stores: [] },
    };
    expect(problemsOf(members)).toEqual([
      "stores.a.stores[0]: unknown store `rde`; did you mean `red`?",
      "stores.b.stores: expected a list, found nothing",
      "stores.c.stores: expected a list that is not empty",
    ]);
  });

  it("is refused when it asks itself, directly or through others", () => {
    expect(
      problemsOf({
        a: { backend: "chain", stores: ["a"] },
        b: { backend: "chain", stores: ["red", "c"] },
        c: { backend: "chain", stores: ["red"], write_to: "b" },
      }),
    ).toEqual([
      "stores.a: expected no store that asks itself: `a → a`",
      "stores.c: expected no store that asks itself: `b → c → b`",
    ]);
  });

  it("may be ten thousand deep", () => {
    const stores = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `s${index}`,
        { backend: "chain", stores: [index === 0 ? "red" : `s${index - 1}`] },
      ]),
    );
    expect(problemsOf(stores)).toEqual([]);
    expect(problemsOf({ ...stores, s0: { backend: "chain", stores: ["s9999"] } })).toHaveLength(1);
  });
});
