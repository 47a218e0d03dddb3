import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { OptionTable } from "../../src/domain/store.js";
import { interpolate } from "../../src/runtime/interpolate.js";
import { overlay } from "../../src/runtime/merge.js";
import { parseYaml } from "../../src/runtime/parse-yaml.js";
import { exampleText } from "../support/design-example.js";

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("reading YAML", () => {
  it("gives the data that the library gives", async () => {
    const { data, problems } = await parseYaml(Buffer.from(exampleText), "x.yaml");
    expect(problems).toEqual([]);
    expect(plain(data)).toEqual(parse(exampleText));
  });

  it("never throws, and gives data or problems with lines, for any text", async () => {
    const fragments = fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "]",
      "&x ",
      "*x",
      "|\n",
      "'",
      '"',
      "#",
      "? ",
      "<<: ",
      "!t ",
      "%",
      "---\n",
      "\t",
      ",",
      "1",
      "~",
    );
    const text = fc.oneof(
      fc.array(fragments, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const { data, problems, locate } = await parseYaml(Buffer.from(input), "x.yaml");
        expect(problems.every((problem) => (problem.line ?? 0) >= 1)).toBe(true);
        expect(() => JSON.stringify(data)).not.toThrow();
        expect(locate(["a", 0, "b"]).line).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it("repeats no text of a file that is no valid YAML", async () => {
    const word = "canary1f0c";
    const marked = ["", `!${word} `, `!<${word}> `, `!${word}!x `, `&${word} `, `*${word} `, `%${word}`, `|${word}`];
    const broken = [
      `"\\${word}"`,
      `'${word}`,
      `"${word}`,
      `@${word}`,
      `#${word}`,
      `%TAG !${word}! x\n`,
      `%YAML ${word}\n`,
    ];
    const syntax = "a: |\n|\n  |- |{|}|[|]|,|: |? |\t|---\n|...|<<: |>|!!int ".split("|");
    const fragments = fc.constantFrom(word, ...marked, ...broken, ...syntax);
    await fc.assert(
      fc.asyncProperty(fc.array(fragments, { minLength: 1, maxLength: 12 }), async (parts) => {
        const { problems } = await parseYaml(Buffer.from(parts.join("")), "x.yaml");
        // A key that is there twice is named, as every path names keys.
        const repeated = problems.filter(({ message, path }) =>
          message
            .replace(/^the key `.*` is here twice$/, `${path.at(-1)}`.includes(word) ? "" : message)
            .includes(word),
        );
        expect(repeated).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws for bytes that are no text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        expect((await parseYaml(bytes, "x.yaml")).problems.every(({ file }) => file === "x.yaml")).toBe(true);
      }),
    );
  });

  it("cannot be made to reach the prototype of anything", async () => {
    const { data } = await parseYaml(
      Buffer.from('__proto__: { polluted: true }\nconstructor: { "__proto__": 1 }\n'),
      "x.yaml",
    );
    expect({}).not.toHaveProperty("polluted");
    expect(Object.keys(data ?? {})).toEqual(["__proto__", "constructor"]);
    expect(Object.keys(overlay({}, data) ?? {})).toEqual(["__proto__", "constructor"]);
    expect(Object.keys(interpolate(data, {}).data ?? {})).toEqual(["__proto__", "constructor"]);
  });

  it("may have ten thousand keys", async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => `name_${index}: { store: red }`);
    expect((await parseYaml(Buffer.from(lines.join("\n")), "x.yaml")).problems).toEqual([]);
  });
});

describe("laying data over data", () => {
  it("changes neither and gives the upper one where they differ", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (base, over) => {
        const [lower, upper] = [JSON.stringify(base), JSON.stringify(over)];
        const merged = plain(overlay(JSON.parse(lower), JSON.parse(upper)));
        expect(plain(overlay(JSON.parse(JSON.stringify(merged)), JSON.parse(upper)))).toEqual(merged);
        expect(plain(overlay(JSON.parse(upper), JSON.parse(upper)))).toEqual(JSON.parse(upper));
      }),
    );
  });
});

describe("putting variables in", () => {
  it("refuses our own variables and those that a key is read from, set or not, wherever they are asked for", () => {
    const data = {
      stores: {
        one: { backend: "sealed", key: { env: "KEY_${PART}" } },
        two: { backend: "sealed", key: { file: "k", passphrase: { env: "PASS" } }, root: "x${PASS:-}" },
      },
      refs: { a: { path: "${KEY_OF_ONE}" }, b: { path: "${MXM_SECRETS_PASSPHRASE:-x}" }, c: { path: "${OTHER}" } },
    };
    const environment = { PART: "OF_ONE", KEY_OF_ONE: "canary", PASS: "canary", OTHER: "fine" };
    const { problems } = interpolate(data, environment);
    expect(problems.map(({ path }) => path.join("."))).toEqual(["stores.two.root", "refs.a.path", "refs.b.path"]);
    expect(problems.every(({ message }) => /own variable/.test(message))).toBe(true);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  it("refuses the usual variable of a key that no option names", () => {
    const kinds: ReadonlyMap<string, OptionTable> = new Map([
      ["team", { key: { type: "key", description: "", usualVariables: ["USUAL"] } }],
    ]);
    const problemsWith = (store: Readonly<Record<string, string>>) =>
      interpolate(
        { stores: { one: { backend: "team", ...store } }, refs: { a: "${USUAL}" } },
        { USUAL: "canary" },
        kinds,
      ).problems;
    expect(problemsWith({})).toHaveLength(1);
    expect(problemsWith({ key: "file" })).toEqual([]);
  });

  it("takes what was put in as it is, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (before, value) => {
        const text = before.replaceAll("$", "");
        const { data, problems } = interpolate({ a: [`${text}\${V}${text}`] }, { V: value });
        expect(problems).toEqual([]);
        expect(plain(data)).toEqual({ a: [plain(`${text}${value}${text}`)] });
      }),
    );
  });

  it("reads text made of nothing else", () => {
    const text = "${A:-".repeat(100_000);
    expect(interpolate(text, {}).problems).toHaveLength(1);
    expect(interpolate("$${".repeat(100_000), {}).data).toBe("${".repeat(100_000));
  });
});
