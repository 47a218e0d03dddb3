import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../../src/errors.js";
import type { MetadataValue, SopsChanges, SopsDocument, SopsScalar } from "../../../src/sops/document.js";
import { createJson, parseJsonDocument } from "../../../src/sops/json/format.js";

const sealed: SopsScalar = { type: "str", value: "E" };

async function edited(text: string, changes: (document: SopsDocument) => SopsChanges): Promise<string> {
  const document = await parseJsonDocument(Buffer.from(text), "a.json");
  const after = Buffer.from(document.edit(changes(document)));
  await parseJsonDocument(after, "a.json");
  return after.toString();
}

const leafAt = (document: SopsDocument, address: string) => {
  const { leaf } = document.locate(address);
  if (leaf === undefined) throw new Error(`nothing at ${address}`);
  return leaf;
};
const add = (text: string, ...addresses: readonly string[]) =>
  edited(text, (document) => ({
    add: addresses.map((address) => ({ path: document.locate(address).path, scalar: sealed })),
  }));
const remove = (text: string, ...addresses: readonly string[]) =>
  edited(text, (document) => ({ remove: addresses.map((address) => leafAt(document, address)) }));

test("replacing a value leaves numbers, escapes and layout of all others as they are", async () => {
  const text = '{ "a" : 1.0e3,\r\n"b":[ 123456789012345678901234567890 , "\\u0061\\/" ], "c":{"d":-0} }';
  const after = await edited(text, (document) => ({ replace: new Map([[leafAt(document, "c/d"), sealed]]) }));
  expect(after).toBe(text.replace("-0", '"E"'));
});

describe("adding a value", () => {
  test.each([
    ["to a file of sops", '{\n\t"a": 1,\n\t"sops": {}\n}\n', ["b"], '{\n\t"a": 1,\n\t"b": "E",\n\t"sops": {}\n}\n'],
    ["before metadata that stand first", '{\n\t"sops": {}\n}', ["b"], '{\n\t"b": "E",\n\t"sops": {}\n}'],
    ["with what is around it", '{\n  "a": 1\n}', ["b/c"], '{\n  "a": 1,\n  "b": {\n    "c": "E"\n  }\n}'],
    ["into a map", '{\n  "a": {\n    "b": 1\n  }\n}', ["a/c"], '{\n  "a": {\n    "b": 1,\n    "c": "E"\n  }\n}'],
    ["into a list in one line", '{\n  "a": [1, 2]\n}', ["a/2"], '{\n  "a": [1, 2, "E"]\n}'],
    ["in one line", '{"a":{"b":1}}', ["a/c", "d"], '{"a":{"b":1, "c": "E"}, "d": "E"}'],
    ["into what is empty", '{"a":{},"b":[]}', ["a/c", "b/0"], '{"a":{"c": "E"},"b":["E"]}'],
    ["in the place of null", '{"a":null}', ["a/c"], '{"a":{"c": "E"}}'],
    ["to an empty object", "{}\n", ["a"], '{\n\t"a": "E"\n}\n'],
  ])("%s", async (_name, before, addresses, after) => {
    expect(await add(before, ...addresses)).toBe(after);
  });
});

describe("removing values", () => {
  test.each([
    ["the first and the last", '{"a": 1, "b": 2, "c": 3}', ["a", "c"], '{"b": 2}'],
    ["the last two", '{"a": [1, 2, 3]}', ["a/1", "a/2"], '{"a": [1]}'],
    ["all of a map", '{"a": { "b": 1 }, "c": 2}', ["a/b"], '{"a": {}, "c": 2}'],
    ["lines", '{\n\t"a": 1,\n\t"b": 2\n}\n', ["a"], '{\n\t"b": 2\n}\n'],
  ])("%s", async (_name, before, addresses, after) => {
    expect(await remove(before, ...addresses)).toBe(after);
  });
});

describe("writing metadata", () => {
  test("replaces, adds in order and takes away fields", async () => {
    const metadata = new Map<string, MetadataValue | undefined>([
      ["mac", "new"],
      ["lastmodified", "l"],
      ["age", [{ enc: "a\nb", recipient: "r" }]],
      ["version", undefined],
    ]);
    const text = '{\n\t"a": 1,\n\t"sops": {\n\t\t"age": [],\n\t\t"mac": "old",\n\t\t"version": "3"\n\t}\n}\n';
    expect(await edited(text, () => ({ metadata }))).toBe(
      '{\n\t"a": 1,\n\t"sops": {\n\t\t"age": [\n\t\t\t{\n\t\t\t\t"enc": "a\\nb",\n\t\t\t\t"recipient": "r"\n\t\t\t}\n\t\t],\n\t\t"lastmodified": "l",\n\t\t"mac": "new"\n\t}\n}\n',
    );
  });

  test("adds the whole at the end", async () => {
    const metadata = new Map([["mac", "m"]]);
    expect(await edited('{\n\t"a": 1\n}\n', () => ({ metadata }))).toBe(
      '{\n\t"a": 1,\n\t"sops": {\n\t\t"mac": "m"\n\t}\n}\n',
    );
  });
});

describe("a new file", () => {
  test("has tabs and a last line break, and Go's escapes", async () => {
    const tree = new Map([["a", [{ type: "str", value: "<&>" } as const, new Map()]]]);
    expect(Buffer.from(await createJson(tree)).toString()).toBe(
      '{\n\t"a": [\n\t\t"\\u003c\\u0026\\u003e",\n\t\t{}\n\t]\n}\n',
    );
  });

  test("cannot hold what JSON has no words for", async () => {
    for (const scalar of [
      { type: "float", value: Infinity },
      { type: "bytes", value: Buffer.of(255) },
    ] as const) {
      const code = await createJson(new Map([["a", scalar]])).catch(
        (error: unknown) => isSecretsError(error) && error.code,
      );
      expect(code).toBe("invalid_input");
    }
  });
});
