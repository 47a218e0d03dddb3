import { describe, expect, test } from "vitest";
import { isSecretsError } from "../../../src/errors.js";
import type { SopsChanges, SopsDocument, SopsScalar } from "../../../src/sops/document.js";
import { parseYamlDocument } from "../../../src/sops/yaml/format.js";

const sealed: SopsScalar = { type: "str", value: "ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]" };
const E = "ENC[AES256_GCM,data:aa,iv:bb,tag:cc,type:str]";

async function edited(text: string, changes: (document: SopsDocument) => SopsChanges): Promise<string> {
  const document = await parseYamlDocument(Buffer.from(text), "a.yaml");
  const after = Buffer.from(document.edit(changes(document)));
  await parseYamlDocument(after, "a.yaml");
  return after.toString();
}

const leafAt = (document: SopsDocument, address: string) => {
  const { leaf } = document.locate(address);
  if (leaf === undefined) throw new Error(`nothing at ${address}`);
  return leaf;
};
const replace = (text: string, ...addresses: readonly string[]) =>
  edited(text, (document) => ({ replace: new Map(addresses.map((address) => [leafAt(document, address), sealed])) }));
const remove = (text: string, ...addresses: readonly string[]) =>
  edited(text, (document) => ({ remove: addresses.map((address) => leafAt(document, address)) }));
const add = (text: string, ...addresses: readonly string[]) =>
  edited(text, (document) => ({
    add: addresses.map((address) => ({ path: document.locate(address).path, scalar: sealed })),
  }));
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "resolved",
    (error: unknown) => (isSecretsError(error) ? error.code : error),
  );

describe("replacing a value", () => {
  test.each([
    ["plain, with a comment beside it", "a: 1 # c\nb: 2\n", `a: ${E} # c\nb: 2\n`],
    ["single quotes", "a: 'it''s'\nb: 2\n", `a: ${E}\nb: 2\n`],
    ["double quotes over lines", 'a: "x\n  y"\nb: 2\n', `a: ${E}\nb: 2\n`],
    ["a plain text over lines", "a: x\n  y\nb: 2\n", `a: ${E}\nb: 2\n`],
    ["a block, and its empty lines stay", "a: |\n  x\n  y\n\n\nb: 2\n", `a: ${E}\n\n\nb: 2\n`],
    ["a block that keeps its breaks", "a: |+\n  x\n\n\nb: 2\n", `a: ${E}\nb: 2\n`],
    ["a block with a comment behind its sign", "a: >2-  # c\n    x\nb: 2\n", `a: ${E}  # c\nb: 2\n`],
    ["a block at the end without a break", "a: |\n  x", `a: ${E}`],
    ["a value with a tag", "a: !!binary aGk=\nb: 2\n", `a: ${E}\nb: 2\n`],
    ["a value with an anchor", "a: &x 1\nb: 2\n", `a: &x ${E}\nb: 2\n`],
    ["a value with both", "a: !!str &x 1\nb: 2\n", `a: &x ${E}\nb: 2\n`],
    ["nothing", "a:\nb: 2\n", `a: ${E}\nb: 2\n`],
    ["nothing, with a comment", "a: # c\nb: 2\n", `a: ${E} # c\nb: 2\n`],
    ["on the next line", "a:\n  1\nb: 2\n", `a:\n  ${E}\nb: 2\n`],
    ["with Windows line ends", "a: 1\r\nb: 2\r\n", `a: ${E}\r\nb: 2\r\n`],
    ["behind an explicit key", "? a\n: 1\n", `? a\n: ${E}\n`],
  ])("%s", async (_name, before, after) => {
    expect(await replace(before, "a")).toBe(after);
  });

  test("in brackets it is quoted, because it holds a comma", async () => {
    expect(await replace("a: [1, {b: 2}] # c\n", "a/0", "a/1/b")).toBe(`a: ["${E}", {b: "${E}"}] # c\n`);
  });

  test("in lists, in each of several documents", async () => {
    expect(await replace("a:\n- 1\n-\n---\nb: 1\n", "a/0", "a/1", "b")).toBe(`a:\n- ${E}\n- ${E}\n---\nb: ${E}\n`);
  });

  test("a comment, wherever it is", async () => {
    const text = "# top\n\na: 1 # beside\n# b\nb: |  # sign\n  x\n";
    const after = await edited(text, ({ leaves }) => ({
      replace: new Map(leaves.filter(({ kind }) => kind === "comment").map((leaf) => [leaf, sealed])),
    }));
    expect(after).toBe(`#${E}\n\na: 1 #${E}\n#${E}\nb: |  #${E}\n  x\n`);
  });

  test("by any type, and what YAML would take for another type is quoted", async () => {
    const written = async (scalar: SopsScalar) =>
      edited("a: 1\n", (document) => ({ replace: new Map([[leafAt(document, "a"), scalar]]) }));
    expect(await written({ type: "str", value: "yes" })).toBe('a: "yes"\n');
    expect(await written({ type: "str", value: "2001-01-01" })).toBe('a: "2001-01-01"\n');
    expect(await written({ type: "str", value: "\u2028\u0000é" })).toBe('a: "\\u2028\\u0000é"\n');
    expect(await written({ type: "float", value: 2 })).toBe("a: 2.0\n");
    expect(await written({ type: "bytes", value: Buffer.of(255) })).toBe("a: !!binary /w==\n");
    expect(await written({ type: "null" })).toBe("a: null\n");
  });

  test("what an alias stands for too is left alone", async () => {
    expect(await codeOf(replace("a: &x 1\nb: *x\n", "a"))).toBe("unsupported");
    expect(await codeOf(replace("a: &x 1\nb: *x\n", "b"))).toBe("unsupported");
    expect(await codeOf(replace("a: &x {k: 1}\nb: *x\n", "b/k"))).toBe("unsupported");
    expect(await codeOf(add("a: &x {k: 1}\nb: *x\n", "a/l"))).toBe("unsupported");
    expect(await codeOf(remove("a: &x {k: 1}\nb: *x\n", "a/k"))).toBe("unsupported");
    expect(await replace("a: &x 1\nb: *x\nc: 3\n", "c")).toBe(`a: &x 1\nb: *x\nc: ${E}\n`);
  });
});

describe("adding a value", () => {
  const metadata = "sops:\n    mac: x\n";
  test.each([
    ["before the metadata", `a: 1\n${metadata}`, ["b"], `a: 1\nb: ${E}\n${metadata}`],
    ["before metadata that stand first", metadata, ["b"], `b: ${E}\n${metadata}`],
    ["with the maps around it", "a: 1\n", ["b/c/d", "b/c/e"], `a: 1\nb:\n    c:\n        d: ${E}\n        e: ${E}\n`],
    ["into a map", "a:\n  b: 1\nc: 1\n", ["a/d"], `a:\n  b: 1\n  d: ${E}\nc: 1\n`],
    ["into a map of a list", "a:\n- b: 1\n- 2\n", ["a/0/c"], `a:\n- b: 1\n  c: ${E}\n- 2\n`],
    ["to a list", "a:\n  - 1\nb: 2\n", ["a/1"], `a:\n  - 1\n  - ${E}\nb: 2\n`],
    ["in braces", "a: {b: 1}\n", ["a/c"], `a: {b: 1, c: "${E}"}\n`],
    ["in braces after a key alone", "a: {b}\n", ["a/c"], `a: {b: null, c: "${E}"}\n`],
    ["in empty braces", "a: {}\n", ["a/c"], `a: {c: "${E}"}\n`],
    ["in empty brackets", "a: []\n", ["a/0"], `a: ["${E}"]\n`],
    ["in the place of null", "a:\nb: ~\n", ["a/c", "b/c"], `a: {c: "${E}"}\nb: {c: "${E}"}\n`],
    ["after a block", "a: |+\n  x\n\n", ["b"], `a: |+\n  x\n\nb: ${E}\n`],
    ["after a file without a last break", "a: 1", ["b"], `a: 1\nb: ${E}`],
    ["to a file of comments", "# c\n", ["b"], `# c\nb: ${E}\n`],
    ["to nothing", "", ["b"], `b: ${E}\n`],
    ["to an empty document", "---\n---\nx: 1\n", ["b"], `---\nb: ${E}\n---\nx: 1\n`],
    ["with Windows line ends", "a: 1\r\n", ["b/c"], `a: 1\r\nb:\r\n    c: ${E}\r\n`],
    ["under a key that has to be quoted", "a: 1\n", ["yes", "a: b"], `a: 1\n"yes": ${E}\n"a: b": ${E}\n`],
  ])("%s", async (_name, before, addresses, after) => {
    expect(await add(before, ...addresses)).toBe(after);
  });

  test("not where something is, through a value, or into a gap of a list", async () => {
    expect(await codeOf(add("a: 1\n", "a"))).toBe("invalid_input");
    expect(await codeOf(edited("a: 1\n", () => ({ add: [{ path: ["a", "b"], scalar: sealed }] })))).toBe(
      "invalid_input",
    );
    expect(await codeOf(edited("a: [1]\n", () => ({ add: [{ path: ["a", 3], scalar: sealed }] })))).toBe(
      "invalid_input",
    );
    expect(await codeOf(edited("a: [1]\n", () => ({ add: [{ path: ["a", "x"], scalar: sealed }] })))).toBe(
      "invalid_input",
    );
    expect(await codeOf(edited("a: 1\n", () => ({ add: [{ path: ["sops", "x"], scalar: sealed }] })))).toBe(
      "invalid_input",
    );
  });
});

describe("removing values", () => {
  test.each([
    ["a line", "a: 1\nb: 2 # c\nd: 3\n", ["b"], "a: 1\nd: 3\n"],
    ["a block; an empty line after it stays", "a: 1\nb: |\n  x\n\nd: 3\n", ["b"], "a: 1\n\nd: 3\n"],
    ["the last of a map", "a:\n  b: 1\nc: 2\n", ["a/b"], "a:\n  {}\nc: 2\n"],
    ["the first of a map in a list", "a:\n- b: 1\n  # c\n  d: 2\n", ["a/0/b"], "a:\n- # c\n  d: 2\n"],
    ["the first two", "a:\n- b: 1\n  c: 2\n  d: 3\n", ["a/0/b", "a/0/c"], "a:\n- d: 3\n"],
    ["all of a map in a list", "a:\n- b: |\n    x\n\n- 2\n", ["a/0/b"], "a:\n- {}\n\n- 2\n"],
    ["of a list", "a:\n  - 1\n  - 2\n  - 3\n", ["a/0", "a/2"], "a:\n  - 2\n"],
    ["all of a list", "a:\n  - 1\n", ["a/0"], "a:\n  []\n"],
    ["in braces", "a: {b: 1, c: 2, d: 3}\n", ["a/b", "a/d"], "a: {c: 2}\n"],
    ["in brackets", "a: [1, 2, 3]\n", ["a/1", "a/2"], "a: [1]\n"],
  ])("%s", async (_name, before, addresses, after) => {
    expect(await remove(before, ...addresses)).toBe(after);
  });
});

describe("writing metadata", () => {
  const fields = new Map<string, string | number | undefined>([["mac", "new"]]);

  test("changes what is there in every document that has it, and nothing else", async () => {
    const text = 'a: 1\nsops:\n    mac: old # c\n    version: "3"\n---\nb: 1\nsops: {mac: old}\n---\nc: 1\n';
    expect(await edited(text, () => ({ metadata: fields }))).toBe(
      'a: 1\nsops:\n    mac: new # c\n    version: "3"\n---\nb: 1\nsops: {mac: new}\n---\nc: 1\n',
    );
  });

  test("puts new fields in their alphabetical place and takes others away", async () => {
    const text = "sops:\n    age: []\n    mac: old\n    version: x\n";
    const metadata = new Map<string, string | number | undefined>([
      ["lastmodified", "2026-01-01T00:00:00Z"],
      ["version", undefined],
      ["zz", 1],
    ]);
    expect(await edited(text, () => ({ metadata }))).toBe(
      'sops:\n    age: []\n    lastmodified: "2026-01-01T00:00:00Z"\n    mac: old\n    zz: 1\n',
    );
  });

  test("writes whole metadata as SOPS lays them out, at the end of every document", async () => {
    const metadata = new Map([["age", [{ enc: "-----A\nb\n-----\n", recipient: "age1" }]]]);
    const made =
      "sops:\n    age:\n        - enc: |\n            -----A\n            b\n            -----\n          recipient: age1\n";
    expect(await edited("a: 1\n# end\n---\nb: 2\n", () => ({ metadata }))).toBe(
      `a: 1\n# end\n${made}---\nb: 2\n${made}`,
    );
  });

  test("shows them as plain data", async () => {
    const { metadata } = await parseYamlDocument(
      Buffer.from('a: 1\nsops:\n  n: 2\n  t: true\n  l: [{k: "v"}]\n  __proto__: x\n'),
      "a.yaml",
    );
    expect(JSON.parse(JSON.stringify(metadata))).toEqual(
      JSON.parse('{"n":2,"t":true,"l":[{"k":"v"}],"__proto__":"x"}'),
    );
    expect((await parseYamlDocument(Buffer.from("a: 1\n"), "a.yaml")).metadata).toBeUndefined();
  });
});
