import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigData } from "../../src/domain/config.js";
import { outcomesByCode, parseExitCodes, programOutcomes } from "../../src/domain/exit-codes.js";
import { formatProblem } from "../../src/domain/problem.js";
import { configSchema } from "../../src/domain/schema.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { coreData } from "../support/kinds.js";

const kinds = new Map([
  ["plain", { root: { type: "string" as const, description: "a prefix" } }],
  ["coded", { exit_codes: { type: "exit_codes" as const, description: "what exit codes mean" } }],
]);
const dataWith = (codes: unknown) => ({
  ...coreData(),
  stores: { ...coreData().stores, one: { backend: "coded", exit_codes: codes } },
});
const problemsOf = (codes: unknown) => parseConfigData(dataWith(codes), kinds).problems.map(formatProblem);

describe("exit codes in a configuration", () => {
  it("are one number or several for each outcome", () => {
    const { config, problems } = parseConfigData(dataWith({ absent: 10, locked: [11, 12], denied: [255] }), kinds);
    expect(problems).toEqual([]);
    const options = config.stores.get("one")?.options;
    expect(options).toEqual({ exit_codes: { absent: [10], locked: [11, 12], denied: [255] } });
    expect(outcomesByCode({ absent: [10], locked: [11, 12] })).toEqual(
      new Map([
        [10, "absent"],
        [11, "locked"],
        [12, "locked"],
      ]),
    );
  });

  it("are each reported at their place, with the nearest outcome", () => {
    expect(problemsOf({ absnt: 1, locked: 0, denied: "3", corrupt: [], absent: [2, 2] })).toEqual([
      expect.stringMatching(/^stores\.one\.exit_codes\.absnt: unknown outcome `absnt`, .*; did you mean `absent`\?$/),
      "stores.one.exit_codes.locked: expected an exit code from 1 to 255, or a list of them",
      "stores.one.exit_codes.denied: expected an exit code from 1 to 255, or a list of them",
      "stores.one.exit_codes.corrupt: expected an exit code from 1 to 255, or a list of them",
      "stores.one.exit_codes.absent: expected one meaning of 2, also absent",
    ]);
    expect(problemsOf([10])).toEqual(["stores.one.exit_codes: expected a mapping, found a list"]);
    expect(problemsOf({ absent: 1, locked: [2, 1] })).toHaveLength(1);
  });

  it("are read without a throw whatever is given, and then mean one thing each", () => {
    const codes = fc.oneof(fc.integer({ min: -1, max: 300 }), fc.array(fc.integer({ min: 1, max: 5 })), fc.anything());
    const words = fc.oneof(fc.constantFrom<string>(...programOutcomes), fc.string());
    fc.assert(
      fc.property(fc.dictionary(words, codes), (value) => {
        const parsed = parseExitCodes(value);
        if ("problems" in parsed) return;
        const given = Object.values(parsed.codes).flat();
        expect(new Set(given).size).toBe(given.length);
        expect(given.every((code) => Number.isInteger(code) && code >= 1 && code <= 255)).toBe(true);
        expect(outcomesByCode(parsed.codes).size).toBe(given.length);
      }),
    );
  });

  it("are told to editors so that they accept what the checker does", () => {
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema(kinds));
    expect(validate(dataWith({ absent: 10, locked: [11] }))).toBe(true);
    for (const faulty of [{ absnt: 1 }, { absent: 0 }, { absent: 256 }, { absent: "1" }, { absent: [] }, [1]]) {
      expect(problemsOf(faulty)).not.toEqual([]);
      expect(validate(dataWith(faulty))).toBe(false);
    }
  });
});
