import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { configSchema } from "../../src/domain/schema.js";
import { exampleKinds, exampleText } from "../support/design-example.js";
import { coreData, kinds } from "../support/kinds.js";

const validatorFor = (tables: typeof kinds) =>
  new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema(tables));

describe("the schema for editors", () => {
  it("accepts the example that uses every key, as the checker does", () => {
    const data: unknown = parse(exampleText);
    expect(parseConfigData(data, exampleKinds).problems).toEqual([]);
    const validate = validatorFor(exampleKinds);
    expect(validate(data) ? [] : validate.errors).toEqual([]);
  });

  it("has an entry for every key and option, with a description", () => {
    const schema = JSON.stringify(configSchema(kinds));
    for (const table of kinds.values()) {
      for (const [option, row] of Object.entries(table)) {
        expect(schema).toContain(JSON.stringify(option));
        expect(schema).toContain(JSON.stringify(row.description));
      }
    }
  });

  it.each<[string, object]>([
    ["a missing section", { refs: undefined }],
    ["an unknown key", { refz: {} }],
    ["another version", { version: 2 }],
    ["an unknown backend", { stores: { red: { backend: "plian" } } }],
    ["an unknown option", { stores: { red: { backend: "plain", rot: "x" } } }],
    ["an option of the wrong type", { stores: { red: { backend: "full", path: "x", strict: "yes" } } }],
    ["a required option left out", { stores: { red: { backend: "full" } } }],
    ["a name that is none", { refs: { ApiKey: { store: "red", policy: "readers" } } }],
    ["an unknown condition", { policies: { readers: { allowed_principals: [], evironments: [] } } }],
    ["a day that is none", { policies: { readers: { allowed_principals: [], expires: "soon" } } }],
    ["a span that is none", { refs: { a: { store: "red", policy: "readers", rotate_every: "90 days" } } }],
    ["a rule without a principal", { principals: [{ role: "x" }] }],
    ["two key sources", { stores: { red: { backend: "full", path: "x", key: { env: "A", fd: 3 } } } }],
    ["a profile that changes the version", { profiles: { staging: { version: 1 } } }],
  ])("refuses %s, as the checker does", (_name, change) => {
    const data: unknown = JSON.parse(JSON.stringify({ ...coreData(), ...change }));
    expect(parseConfigData(data, kinds).problems).not.toEqual([]);
    expect(validatorFor(kinds)(data)).toBe(false);
  });
});
