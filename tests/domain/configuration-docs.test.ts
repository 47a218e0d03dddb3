import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dotenvBackend } from "../../src/backends/dotenv.js";
import { envBackend } from "../../src/backends/env.js";
import { builtInBackends } from "../../src/backends/registry.js";
import { configFields, parseConfigData } from "../../src/domain/config.js";
import { formatProblem } from "../../src/domain/problem.js";

const page = fs.readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
const kinds = new Map([...builtInBackends, envBackend, dotenvBackend].map(({ kind, options }) => [kind, options]));

describe("docs/configuration.md", () => {
  it("opens with an example that is a configuration", () => {
    const [, example = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    expect(parseConfigData(parse(example), kinds).problems.map(formatProblem)).toEqual([]);
  });

  it("names every key, every kind of store and every option", () => {
    const names = new Set<string>([...kinds.keys(), ...[...kinds.values()].flatMap((table) => Object.keys(table))]);
    const collect = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === "properties" && typeof value === "object" && value !== null) {
          for (const name of Object.keys(value)) names.add(name);
        }
        collect(value);
      }
    };
    for (const [key, field] of Object.entries(configFields(kinds, { stores: new Set(), policies: new Set() }))) {
      names.add(key);
      collect(field.schema);
    }
    expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });
});
