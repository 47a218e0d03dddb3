import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../src/errors.js";
import type { MetadataValue, SopsChanges, SopsDocument, SopsScalar } from "../../src/sops/document.js";
import { createDotenv, parseDotenvDocument } from "../../src/sops/dotenv.js";

const parse = (text: string) => parseDotenvDocument(Buffer.from(text, "latin1"), "a.env");
const string = (value: string): SopsScalar => ({ type: "str", value });

async function edited(text: string, changes: (document: SopsDocument) => SopsChanges): Promise<string> {
  const document = await parse(text);
  return Buffer.from(document.edit(changes(document))).toString();
}

const leafAt = (document: SopsDocument, address: string) => {
  const { leaf } = document.locate(address);
  if (leaf === undefined) throw new Error(`nothing at ${address}`);
  return leaf;
};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "resolved",
    (error: unknown) => (isSecretsError(error) ? error.code : error),
  );

test("a value is everything after the first `=`, and `\\n` in it a line break", async () => {
  const { leaves } = await parse('# c\n\nA="x" # y\nB==\\n\nexport C=1\r\n=\n');
  expect(leaves.map(({ kind, path, scalar }) => [kind, path, "value" in scalar && scalar.value])).toEqual([
    ["comment", [], " c"],
    ["value", ["A"], '"x" # y'],
    ["value", ["B"], "=\n"],
    ["value", ["export C"], "1\r"],
    ["value", [""], ""],
  ]);
});

test("more lines than can be read without a long wait are refused", async () => {
  await expect(parse("# c\n".repeat(200_001))).rejects.toThrow("expected at most 200000 values and comments");
});

test("bytes that are no UTF-8 are kept", async () => {
  const document = await parse("A=\xff\n");
  expect(document.leaves[0]?.scalar).toEqual({ type: "bytes", value: Buffer.of(255) });
  expect(Buffer.from(document.edit({}))).toEqual(Buffer.from("A=\xff\n", "latin1"));
});

test("metadata are the keys that begin with `sops_`, unflattened", async () => {
  const { metadata, leaves } = await parse(
    "A=1\nsops_age__list_0__map_enc=a\\nb\nsops_age__list_0__map_recipient=r\nsops_mac=m\n",
  );
  expect(leaves).toHaveLength(1);
  expect(JSON.parse(JSON.stringify(metadata))).toEqual({ age: [{ enc: "a\nb", recipient: "r" }], mac: "m" });
});

describe("edits", () => {
  const text = "# c\nA=1\nB=2\nsops_age__list_0__map_enc=a\nsops_mac=m\nsops_version=3\n";

  test("change, add and remove lines and leave the others", async () => {
    const after = await edited(text, (document) => ({
      replace: new Map([[leafAt(document, "A"), string("x\ny")]]),
      remove: [leafAt(document, "B")],
      add: [{ path: ["C"], scalar: string("é") }],
    }));
    expect(after).toBe(text.replace("A=1", "A=x\\ny").replace("B=2", "C=é"));
  });

  test("write metadata in their place", async () => {
    const metadata = new Map<string, MetadataValue | undefined>([
      ["mac", "n"],
      ["lastmodified", "l"],
      ["age", [{ enc: "b\nc", recipient: "r" }]],
      ["version", undefined],
      ["mac_only_encrypted", true],
    ]);
    expect(await edited(text, () => ({ metadata }))).toBe(
      "# c\nA=1\nB=2\nsops_age__list_0__map_enc=b\\nc\nsops_age__list_0__map_recipient=r\nsops_lastmodified=l\nsops_mac=n\nsops_mac_only_encrypted=true\n",
    );
    expect(await edited("A=1", () => ({ metadata: new Map([["mac", "n"]]) }))).toBe("A=1\nsops_mac=n");
  });

  test("refuse what would be read as something else", async () => {
    const add = (key: string, value: string) => edited(text, () => ({ add: [{ path: [key], scalar: string(value) }] }));
    for (const key of ["A=B", "#a", "a\nb", "", "sops_x"])
      expect(await codeOf(add(key, "v")), key).toBe("invalid_input");
    expect(await codeOf(add("C", "a\\nb"))).toBe("invalid_input");
    expect(await codeOf(edited(text, () => ({ add: [{ path: ["C", "D"], scalar: string("v") }] })))).toBe(
      "invalid_input",
    );
    expect(await codeOf(createDotenv(new Map([["a", new Map()]])))).toBe("invalid_input");
    expect(await codeOf(createDotenv(new Map([["a", { type: "null" } as const]])))).toBe("invalid_input");
  });
});

test("a new file has one line for each key", async () => {
  const tree = new Map<string, SopsScalar>([
    ["A", string("x\ny")],
    ["B", { type: "bool", value: true }],
    ["C", { type: "bytes", value: Buffer.of(255) }],
  ]);
  expect(Buffer.from(await createDotenv(tree))).toEqual(Buffer.from("A=x\\ny\nB=true\nC=\xff\n", "latin1"));
});

describe("what is refused, with its line and without its text", () => {
  test.each([
    ["A=1\nSECRET\n", 2],
    ["A=1\nA=SECRET\n", 2],
    ["\xff=SECRET\n", 1],
    ["A=1\nsops_a=1\nsops_a__map_b=SECRET\n", 2],
    ["sops_a__list_1=SECRET\n", 1],
    ["sops_a__list_x=SECRET\n", 1],
  ])("%j", async (text, line) => {
    const reading = parse(text);
    await expect(reading).rejects.toMatchObject({ code: "integrity", problems: [{ line }] });
    await expect(reading).rejects.not.toThrow("SECRET");
  });
});
