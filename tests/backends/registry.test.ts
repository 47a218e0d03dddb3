import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { pageOf, withStoreTable } from "../../scripts/store-table.mjs";
import { builtInBackends, builtInKinds } from "../../src/backends/registry.js";
import { storesHelp } from "../../src/cli/help-stores.js";
import { configSchema } from "../../src/domain/schema.js";

const root = resolve(import.meta.dirname, "../..");
const kinds = builtInBackends.map(({ kind }) => kind);
const pageOfConfiguration = readFileSync(join(root, "docs/configuration.md"), "utf8");

test("no two rows of the registry are of one kind", () => {
  expect([...new Set(kinds)]).toEqual(kinds);
});

test("the table of stores in docs/configuration.md is the registry's: `node scripts/make-schema.mjs` after a build", () => {
  expect(withStoreTable(pageOfConfiguration, builtInBackends)).toBe(pageOfConfiguration);
});

describe.each(builtInBackends)("the kind $kind", ({ kind, description, options }) => {
  test("has a page of the documentation", () => {
    expect(pageOf(kind)).toMatch(/\.md$/);
  });

  test("has a file of its name, and a test that holds it to the contract", () => {
    expect(readdirSync(join(root, "src/backends"))).toContain(`${kind}.ts`);
    const tests = readdirSync(import.meta.dirname).filter((name) => name.startsWith(`${kind}.`));
    const texts = tests.map((name) => readFileSync(join(import.meta.dirname, name), "utf8"));
    expect(texts.filter((text) => text.includes("backendContract({"))).not.toEqual([]);
  });

  test("is in the help and in the schema, with every option", () => {
    const help = storesHelp();
    const schema = JSON.stringify(configSchema(builtInKinds()));
    for (const text of [kind, description, ...Object.keys(options)]) expect(help).toContain(text);
    for (const name of [kind, ...Object.keys(options)]) expect(schema).toContain(JSON.stringify(name));
  });

  test("says what it is and what its options do in one line each, without a period", () => {
    for (const text of [description, ...Object.values(options).map((row) => row.description)]) {
      expect(text).toMatch(/^[^\n]+[^.\n]$/);
    }
  });
});
