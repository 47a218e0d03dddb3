import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../../src/errors.js";
import type { MetadataValue, SopsChanges, SopsDocument, SopsScalar } from "../../../src/sops/document.js";
import { createIni, parseIniDocument } from "../../../src/sops/ini/format.js";
import { readIni } from "../../../src/sops/ini/read.js";
import { outline } from "../../support/sops-outline.js";

const parse = (text: string) => parseIniDocument(Buffer.from(text), "a.ini");
const string = (value: string): SopsScalar => ({ type: "str", value });

async function edited(text: string, changes: (document: SopsDocument) => SopsChanges): Promise<string> {
  const document = await parse(text);
  const after = Buffer.from(document.edit(changes(document))).toString();
  await parse(after);
  return after;
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

/** What the store of sops 3.13.2 makes of each text. */
test.each([
  ["[a]\nx = 1\ny: 2\n", "{DEFAULT: {} a: {x: 1 y: 2}}"],
  ["x=1\n[a]\n", "{DEFAULT: {x: 1} a: {}}"],
  [
    "; one\n# two\n[a] ; three\n; four\nx=1 # five\n; lost\n",
    "{DEFAULT: {} a: {#one\n# two\n; three x: 1 #four\n# five}}",
  ],
  ['[a]\nx="q"\ny=\'q\'\nz="a"b"\n', '{DEFAULT: {} a: {x: q y: q z: "a"b"}}'],
  ['[a]\nx=`b#c` ; d\ny="""m\n n""" ; e\n', "{DEFAULT: {} a: {x: b#c y: m\\n n #e}}"],
  ["[a]\nx = one \\\n  two\\\n three\n", "{DEFAULT: {} a: {x: one twothree}}"],
  ['[a]\n`k=1` = v\n"k" = w\n- = 1\n- = 2\n', "{DEFAULT: {} a: {k=1: v k: w #1: 1 #2: 2}}"],
  ["[a]\nx=\n[b\\c]\r\ny = 1\r\n", "{DEFAULT: {} a: {x: } b\\c: {y: 1}}"],
])("%j", (text, expected) => {
  expect(outline(readIni(Buffer.from(text), "a.ini").root)).toBe(expected);
});

test("more lines than can be read without a long wait are refused", async () => {
  await expect(parse("; c\n".repeat(200_001))).rejects.toThrow("expected at most 200000 values and comments");
});

test("a value that goes on over very many lines is read in time that grows with its length", async () => {
  const lines = 300_000;
  const document = await parse(`[a]\nx = 1\\\n${"12345678\\\n".repeat(lines)}1\n`);
  expect(leafAt(document, "a/x").scalar).toEqual(string(`1${"12345678".repeat(lines)}1`));
});

test("metadata are the section `sops`, with line breaks as `\\n` (3.13.2) or in triple quotes (3.13.1)", async () => {
  const one = await parse("[a]\n[sops]\nage__list_0__map_enc = x\\ny\nmac = m\n");
  const other = await parse('[a]\n[sops]\nage__list_0__map_enc = """x\ny"""\nmac = m\n');
  expect(JSON.parse(JSON.stringify(one.metadata))).toEqual({ age: [{ enc: "x\ny" }], mac: "m" });
  expect(other.metadata).toEqual(one.metadata);
  expect(one.leaves).toEqual([]);
});

test("a section that is there twice is looked through in order", async () => {
  const document = await parse("[peer]\nkey=1\n[peer]\nkey=2\nname=x\n");
  expect(document.leaves.map(({ path }) => path)).toEqual([
    ["peer", "key"],
    ["peer", "key"],
    ["peer", "name"],
  ]);
  expect(document.locate("peer/key").leaf).toBe(document.leaves[0]);
  expect(document.locate("peer/name").leaf).toBe(document.leaves[2]);
  expect(document.locate("peer/other")).toEqual({ path: ["peer", "other"], leaf: undefined });
});

describe("edits", () => {
  const text = "; c\n[a]\nx  = 1 ; d\ny=`2`\n\n[b]\nz = 3\n\n[sops]\nmac     = m\nversion = 3\n";

  test("change, add and remove keys and leave the others", async () => {
    const after = await edited(text, (document) => ({
      replace: new Map([
        [leafAt(document, "a/x"), string("one")],
        [leafAt(document, "a/y"), string("two; three")],
      ]),
      remove: [leafAt(document, "b/z")],
      add: [
        { path: ["a", "w"], scalar: string("l\nm") },
        { path: ["c", "k"], scalar: string("v") },
      ],
    }));
    expect(after).toBe(
      '; c\n[a]\nx  = one ; d\ny= `two; three`\nw = """l\nm"""\n\n[b]\n\n[c]\nk = v\n\n[sops]\nmac     = m\nversion = 3\n',
    );
  });

  test("make one comment of several parts", async () => {
    const after = await edited("; one\n; two\n[a] ; three\n# four\nx = 1 ; five\n", ({ leaves }) => ({
      replace: new Map(leaves.filter(({ kind }) => kind === "comment").map((leaf) => [leaf, string("E")])),
    }));
    expect(after).toBe("; E\n[a] \n# E\nx = 1 \n");
  });

  test("write metadata in their place", async () => {
    const metadata = new Map<string, MetadataValue | undefined>([
      ["mac", "n"],
      ["age", [{ enc: "a\nb", recipient: "r" }]],
      ["version", undefined],
    ]);
    expect(await edited(text, () => ({ metadata }))).toContain(
      "[sops]\nage__list_0__map_enc = a\\nb\nage__list_0__map_recipient = r\nmac     = n\n",
    );
    expect(
      await edited("[a]\nx = 1\n", () => ({
        metadata: new Map([
          ["mac", "n"],
          ["version", "3"],
        ]),
      })),
    ).toBe("[a]\nx = 1\n\n[sops]\nmac     = n\nversion = 3\n");
  });

  test("refuse what would be read as something else", async () => {
    const add = (path: readonly string[], value: string) =>
      edited(text, () => ({ add: [{ path, scalar: string(value) }] }));
    for (const key of ["a`b", "a\nb", "-", " a", "#a"])
      expect(await codeOf(add(["a", key], "v")), key).toBe("invalid_input");
    for (const name of ["x]", "a\nb", " ", "a;b"])
      expect(await codeOf(add([name, "k"], "v")), name).toBe("invalid_input");
    expect(await codeOf(add(["k"], "v"))).toBe("invalid_input");
    expect(await codeOf(add(["a", "k", "l"], "v"))).toBe("invalid_input");
    expect(await codeOf(add(["a", "k"], 'l\n"""'))).toBe("invalid_input");
    expect(await codeOf(createIni(new Map([["a", string("v")]])))).toBe("invalid_input");
  });

  test.each(['"q"', "'q'", "a#b", "a;b", " a ", "a\\", "`", "a=b", '"""', "", "é", "\ta", "a\u00A0", "ENC[x,y]"])(
    "%j comes back as it was written",
    async (value) => {
      const after = await edited("[a]\nx = 1\n", () => ({ add: [{ path: ["a", "k"], scalar: string(value) }] }));
      expect((await parse(after)).locate("a/k").leaf?.scalar).toEqual(string(value));
    },
  );
});

test("a new file has its `=` in one column and an empty line between sections", async () => {
  const tree = new Map([
    ["DEFAULT", new Map([["k", string("v")]])],
    [
      "a",
      new Map([
        ["x", string("1")],
        ["long", string("2")],
      ]),
    ],
    ["b", new Map<string, SopsScalar>()],
  ]);
  expect(Buffer.from(await createIni(tree)).toString()).toBe("k = v\n\n[a]\nx    = 1\nlong = 2\n\n[b]\n");
});

describe("what is refused, with its line and without its text", () => {
  test.each([
    ["[a]\nSECRET\n", 2],
    ["[a\nSECRET=1", 1],
    ["[]\n", 1],
    ["[a]\nx=1\nx=SECRET\n", 3],
    ["[a]\n=SECRET\n", 2],
    ['[a]\n"SECRET=1\n', 2],
    ['[a]\nx="""SECRET\n', 2],
    ["[sops]\nmac=1\n[sops]\nmac=2\n", 3],
    ["[a]\n[sops]\na__list_1=SECRET\n", 3],
  ])("%j", async (text, line) => {
    const reading = parse(text);
    await expect(reading).rejects.toMatchObject({ code: "integrity", problems: [{ line }] });
    await expect(reading).rejects.not.toThrow("SECRET");
  });
});
